/* SPDX-License-Identifier: Apache-2.0 */
/* A serial port, 8N1 without flow control, RTS and DTR on, for poll loops: nothing here waits. One thread at
 * a time. */
#ifndef ATALAYA_GATEWAY_SERIAL_H
#define ATALAYA_GATEWAY_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"

enum { SERIAL_TEXT_MAX = 768 };

struct serial;

/* Opens `path` (symbolic links are followed) for this program alone. On failure *serial is NULL and `why`
 * says in one line what is wrong and what to do. ATALAYA_E_GONE: no such port; ATALAYA_E_DENIED: no
 * permission; ATALAYA_E_FULL: another program holds it; ATALAYA_E_FORMAT: not a serial port. */
enum atalaya_result serial_open(const char *path, unsigned speed_bit_s, struct serial **serial,
                                char why[SERIAL_TEXT_MAX]);
/* The same for its control lines alone: RTS and DTR off, which the kernel raises for a moment when it opens a
 * port; they go off with the last close, also when this program is killed. */
enum atalaya_result serial_open_lines(const char *path, struct serial **serial, char why[SERIAL_TEXT_MAX]);
enum serial_line { SERIAL_RTS, SERIAL_DTR };
bool serial_set_line(struct serial *serial, enum serial_line line,
                     bool on);                         /* false: it is gone, or has none */
bool serial_read_cts(struct serial *serial, bool *on); /* likewise */
int serial_descriptor(const struct serial *serial);    /* for poll; non-blocking */
/* What has arrived, at most `size` bytes. ATALAYA_OK with *count 0: nothing now. ATALAYA_E_GONE: unplugged.
 */
enum atalaya_result serial_read(struct serial *serial, uint8_t *bytes, size_t size, size_t *count);
/* What the port takes now, *count of `size` bytes; poll for POLLOUT to write the rest. */
enum atalaya_result serial_write(struct serial *serial, const uint8_t *bytes, size_t size, size_t *count);
/* Whether the path still leads to the port that is open. */
bool serial_is_present(const struct serial *serial);
void serial_close(struct serial *serial); /* NULL is allowed */

#endif
