/* SPDX-License-Identifier: Apache-2.0 */
/* Where a TNC or a base radio is: on a serial port, or at the other end of a TCP connection. Bytes both ways,
 * for poll loops: nothing here waits. One thread at a time. */
#ifndef GATEWAY_PORT_H
#define GATEWAY_PORT_H

#include "atalaya/gateway/serial.h"

enum {
    PORT_TEXT_MAX = SERIAL_TEXT_MAX,
    PORT_SILENT_S = 20 /* a connection whose far end answers nothing for so long, at rest or not, is lost */
};

/* Closed: fd -1, serial NULL. The members are port.c's. */
struct port {
    struct serial *serial; /* NULL: a connection */
    int fd;
    int error; /* errno of what went wrong last; 0: the far end hung up */
};

void port_reset(struct port *port); /* closed; before the first opening */
/* As serial_open. */
enum atalaya_result port_open(struct port *port, const char *device, unsigned speed_bit_s,
                              char why[PORT_TEXT_MAX]);
/* fd: a TCP connection, non-blocking; the port's from here. */
void port_adopt(struct port *port, int fd);
bool port_is_open(const struct port *port);
int port_descriptor(const struct port *port);
/* As serial_read and serial_write. ATALAYA_E_GONE: port_fault says why. */
enum atalaya_result port_read(struct port *port, uint8_t *bytes, size_t size, size_t *count);
enum atalaya_result port_write(struct port *port, const uint8_t *bytes, size_t size, size_t *count);
const char *port_fault(const struct port *port);
/* Whether it is still the port that the settings name. */
bool port_is_present(const struct port *port);
/* Bytes that were written, but that the far end has not confirmed; of a serial port 0. */
size_t port_unconfirmed(const struct port *port);
void port_close(struct port *port); /* a closed one too */

#endif
