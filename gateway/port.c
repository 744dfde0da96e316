/* SPDX-License-Identifier: Apache-2.0 */
#include "port.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/sockios.h>

enum { SEND_BYTES = 4096 }; /* as a serial port holds; Linux doubles it for its own needs */

void port_reset(struct port *port)
{
    *port = (struct port){.fd = -1};
}

enum atalaya_result port_open(struct port *port, const char *device, unsigned speed_bit_s,
                              char why[PORT_TEXT_MAX])
{
    enum atalaya_result result = serial_open(device, speed_bit_s, &port->serial, why);
    port->fd = result == ATALAYA_OK ? serial_descriptor(port->serial) : -1;
    return result;
}

/* A TNC says nothing while nobody is on the air, so silence tells nothing: the kernel asks. It holds little
 * of what the TNC does not take: frames would go on the air long after they were meant to. Where a setting is
 * refused, the kernel's own holds. */
void port_adopt(struct port *port, int fd)
{
    const int on = 1, room = SEND_BYTES, idle_s = PORT_SILENT_S / 2, apart_s = PORT_SILENT_S / 4;
    const unsigned patience_ms = PORT_SILENT_S * 1000;
    *port = (struct port){.fd = fd};
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &apart_s, sizeof apart_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, sizeof patience_ms);
}

bool port_is_open(const struct port *port)
{
    return port->fd >= 0;
}

int port_descriptor(const struct port *port)
{
    return port->fd;
}

/* What became of one recv or send. */
static enum atalaya_result outcome(struct port *port, ssize_t done, size_t *count)
{
    if (done > 0) {
        *count = (size_t)done;
        return ATALAYA_OK;
    }
    if (done < 0 && (errno == EAGAIN || errno == EINTR))
        return ATALAYA_OK;
    if (done < 0)
        port->error = errno; /* else the end, after which a fault that a send met still says why */
    return ATALAYA_E_GONE;
}

enum atalaya_result port_read(struct port *port, uint8_t *bytes, size_t size, size_t *count)
{
    if (port->serial != NULL)
        return serial_read(port->serial, bytes, size, count);
    *count = 0;
    return outcome(port, recv(port->fd, bytes, size, 0), count);
}

enum atalaya_result port_write(struct port *port, const uint8_t *bytes, size_t size, size_t *count)
{
    if (port->serial != NULL)
        return serial_write(port->serial, bytes, size, count);
    *count = 0;
    return size == 0 ? ATALAYA_OK : outcome(port, send(port->fd, bytes, size, MSG_NOSIGNAL), count);
}

const char *port_fault(const struct port *port)
{
    if (port->serial != NULL)
        return "unplugged";
    return port->error != 0 ? strerror(port->error) : "it hung up";
}

bool port_is_present(const struct port *port)
{
    return port->serial == NULL || serial_is_present(port->serial);
}

size_t port_unconfirmed(const struct port *port)
{
    int bytes;
    if (port->serial != NULL || ioctl(port->fd, SIOCOUTQ, &bytes) != 0 || bytes < 0)
        return 0;
    return (size_t)bytes;
}

void port_close(struct port *port)
{
    if (port->serial != NULL)
        serial_close(port->serial);
    else if (port->fd >= 0)
        (void)close(port->fd);
    port_reset(port);
}
