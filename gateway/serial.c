/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

struct serial {
    struct sp_port *port; /* NULL: opened without libserialport */
    int fd;
    bool exclusive;      /* the locks are ours, and ours to undo */
    bool lines;          /* opened for its control lines alone */
    char path[PATH_MAX]; /* as configured: the link, not where it led */
};

static enum atalaya_result refuse(const char *path, int error, char why[SERIAL_TEXT_MAX])
{
    switch (error) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case ENOTDIR:
        (void)snprintf(why, SERIAL_TEXT_MAX,
                       "no serial port %s: is it plugged in? `ls -l /dev/serial/by-id` lists the ports",
                       path);
        return ATALAYA_E_GONE;
    case EACCES:
    case EPERM:
        (void)snprintf(why, SERIAL_TEXT_MAX,
                       "no permission for serial port %s: add this program's user to the group 'dialout'",
                       path);
        return ATALAYA_E_DENIED;
    case EBUSY:
    case EWOULDBLOCK:
        (void)snprintf(why, SERIAL_TEXT_MAX, "serial port %s is busy: another program holds it (fuser -v %s)",
                       path, path);
        return ATALAYA_E_FULL;
    case ENOTTY:
    case EINVAL:
        (void)snprintf(why, SERIAL_TEXT_MAX, "%s is not a serial port", path);
        return ATALAYA_E_FORMAT;
    default:
        (void)snprintf(why, SERIAL_TEXT_MAX, "cannot open serial port %s: %s", path, strerror(error));
        return ATALAYA_E_IO;
    }
}

/* Before anything is set, so that a port in use is not disturbed. Two locks, because each has a hole:
 * TIOCEXCL does not stop a privileged program, flock only those that ask. Returns an errno. */
static int lock(struct serial *serial)
{
    if (isatty(serial->fd) != 1)
        return ENOTTY;
    if (flock(serial->fd, LOCK_EX | LOCK_NB) != 0 || ioctl(serial->fd, TIOCEXCL) != 0)
        return errno;
    serial->exclusive = true;
    return 0;
}

/* libserialport gives its words and leaves errno of the call that failed, if one did. Returns an errno. */
static int library_open(struct serial *serial, unsigned speed_bit_s)
{
    errno = 0;
    if (sp_open(serial->port, SP_MODE_READ_WRITE) != SP_OK)
        return errno != 0 ? errno : EIO;
    if (sp_get_port_handle(serial->port, &serial->fd) != SP_OK)
        return EIO;
    int error = lock(serial);
    if (error != 0)
        return error;
    if (sp_set_baudrate(serial->port, (int)speed_bit_s) != SP_OK || sp_set_bits(serial->port, 8) != SP_OK ||
        sp_set_parity(serial->port, SP_PARITY_NONE) != SP_OK || sp_set_stopbits(serial->port, 1) != SP_OK ||
        sp_set_flowcontrol(serial->port, SP_FLOWCONTROL_NONE) != SP_OK)
        return errno != 0 ? errno : EIO;
    /* Some adapters have no such lines; those need no setting of them. */
    (void)sp_set_rts(serial->port, serial->lines ? SP_RTS_OFF : SP_RTS_ON);
    (void)sp_set_dtr(serial->port, serial->lines ? SP_DTR_OFF : SP_DTR_ON);
    return 0;
}

static bool standard_speed(unsigned speed_bit_s, speed_t *speed)
{
    static const struct {
        unsigned bit_s;
        speed_t code;
    } speeds[] = {{1200, B1200},   {2400, B2400},   {4800, B4800},     {9600, B9600},    {19200, B19200},
                  {38400, B38400}, {57600, B57600}, {115200, B115200}, {230400, B230400}};
    for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++) {
        if (speeds[i].bit_s == speed_bit_s) {
            *speed = speeds[i].code;
            return true;
        }
    }
    return false;
}

/* libserialport 0.1.1 knows only what is listed in /sys/class/tty. Pseudo-terminals are not (Dire Wolf's KISS
 * port is one), nor is any port in a container without /sys. They are opened as terminals, by hand. Returns
 * an errno. */
static int terminal_open(struct serial *serial, const char *device, unsigned speed_bit_s)
{
    struct termios settings;
    speed_t speed;
    serial->fd = open(device, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (serial->fd < 0)
        return errno;
    int error = lock(serial);
    if (error != 0)
        return error;
    if (tcgetattr(serial->fd, &settings) != 0)
        return errno;
    cfmakeraw(&settings);
    settings.c_cflag &= ~(tcflag_t)(CRTSCTS | CSTOPB);
    settings.c_cflag |= CLOCAL | CREAD;
    if (!standard_speed(speed_bit_s, &speed))
        return ERANGE;
    if (cfsetispeed(&settings, speed) != 0 || cfsetospeed(&settings, speed) != 0 ||
        tcsetattr(serial->fd, TCSANOW, &settings) != 0)
        return errno;
    return 0;
}

/* VMIN 1 makes "nothing yet" (EAGAIN) differ from "hung up" (0 bytes); libserialport leaves it 0. Returns an
 * errno. */
static int make_ready(int fd)
{
    struct termios settings;
    if (tcgetattr(fd, &settings) != 0)
        return errno;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    settings.c_cflag |= HUPCL; /* lines off at the last close */
    if (tcsetattr(fd, TCSANOW, &settings) != 0)
        return errno;
    return tcflush(fd, TCIFLUSH) != 0 ? errno : 0;
}

/* Returns an errno. */
static int port_open(struct serial *serial, unsigned speed_bit_s)
{
    char device[PATH_MAX]; /* libserialport wants the device itself, not a link in /dev/serial/by-id */
    struct stat status;
    if (realpath(serial->path, device) == NULL)
        return errno;
    if (stat(device, &status) != 0)
        return errno;
    if (!S_ISCHR(status.st_mode))
        return ENOTTY;
    /* The library reports "Permission denied" and the like only from sp_open, whose errno counts. */
    int error = sp_get_port_by_name(device, &serial->port) == SP_OK
                    ? library_open(serial, speed_bit_s)
                    : terminal_open(serial, device, speed_bit_s);
    return error != 0 ? error : make_ready(serial->fd);
}

static enum atalaya_result open_port(const char *path, unsigned speed_bit_s, bool lines, struct serial **out,
                                     char why[SERIAL_TEXT_MAX])
{
    *out = NULL;
    why[0] = '\0';
    if (path[0] == '\0' || strlen(path) >= PATH_MAX || speed_bit_s == 0 || speed_bit_s > INT_MAX) {
        (void)snprintf(why, SERIAL_TEXT_MAX,
                       "a serial port needs a path and a speed: set 'device' and 'speed'");
        return ATALAYA_E_ARGUMENT;
    }
    struct serial *serial = calloc(1, sizeof *serial);
    if (serial == NULL) {
        (void)snprintf(why, SERIAL_TEXT_MAX, "no memory to open the serial port");
        return ATALAYA_E_MEMORY;
    }
    serial->fd = -1;
    serial->lines = lines;
    memcpy(serial->path, path, strlen(path) + 1);
    int error = port_open(serial, speed_bit_s);
    if (error == 0) {
        *out = serial;
        return ATALAYA_OK;
    }
    serial_close(serial);
    if (error != ERANGE)
        return refuse(path, error, why);
    (void)snprintf(why, SERIAL_TEXT_MAX,
                   "serial port %s cannot do %u bit/s: set a usual 'speed', 1200 to 230400", path,
                   speed_bit_s);
    return ATALAYA_E_RANGE;
}

enum atalaya_result serial_open(const char *path, unsigned speed_bit_s, struct serial **serial,
                                char why[SERIAL_TEXT_MAX])
{
    return open_port(path, speed_bit_s, false, serial, why);
}

enum atalaya_result serial_open_lines(const char *path, struct serial **serial, char why[SERIAL_TEXT_MAX])
{
    enum { ANY_BIT_S = 9600 };
    enum atalaya_result result = open_port(path, ANY_BIT_S, true, serial, why);
    if (result != ATALAYA_OK ||
        (serial_set_line(*serial, SERIAL_RTS, false) && serial_set_line(*serial, SERIAL_DTR, false)))
        return result;
    (void)snprintf(why, SERIAL_TEXT_MAX, "serial port %s has no lines RTS and DTR", path);
    serial_close(*serial);
    *serial = NULL;
    return ATALAYA_E_UNSUPPORTED;
}

bool serial_set_line(struct serial *serial, enum serial_line line, bool on)
{
    int bit = line == SERIAL_DTR ? TIOCM_DTR : TIOCM_RTS;
    if (!serial->port)
        return ioctl(serial->fd, on ? TIOCMBIS : TIOCMBIC, &bit) == 0;
    if (line == SERIAL_DTR)
        return sp_set_dtr(serial->port, on ? SP_DTR_ON : SP_DTR_OFF) == SP_OK;
    return sp_set_rts(serial->port, on ? SP_RTS_ON : SP_RTS_OFF) == SP_OK;
}

bool serial_read_cts(struct serial *serial, bool *on)
{
    int bits = 0;
    enum sp_signal signals = (enum sp_signal)0;
    if (!serial->port) {
        if (ioctl(serial->fd, TIOCMGET, &bits) != 0)
            return false;
        *on = (bits & TIOCM_CTS) != 0;
        return true;
    }
    if (sp_get_signals(serial->port, &signals) != SP_OK)
        return false;
    *on = (signals & SP_SIG_CTS) != 0;
    return true;
}

int serial_descriptor(const struct serial *serial)
{
    return serial->fd;
}

enum atalaya_result serial_read(struct serial *serial, uint8_t *bytes, size_t size, size_t *count)
{
    *count = 0;
    ssize_t got = read(serial->fd, bytes, size);
    if (got > 0) {
        *count = (size_t)got;
        return ATALAYA_OK;
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? ATALAYA_OK : ATALAYA_E_GONE;
}

enum atalaya_result serial_write(struct serial *serial, const uint8_t *bytes, size_t size, size_t *count)
{
    *count = 0;
    if (size == 0)
        return ATALAYA_OK;
    ssize_t taken = write(serial->fd, bytes, size);
    if (taken >= 0) {
        *count = (size_t)taken;
        return ATALAYA_OK;
    }
    return errno == EAGAIN || errno == EINTR ? ATALAYA_OK : ATALAYA_E_GONE;
}

bool serial_is_present(const struct serial *serial)
{
    struct stat open_one, named;
    return fstat(serial->fd, &open_one) == 0 && stat(serial->path, &named) == 0 &&
           open_one.st_rdev == named.st_rdev && open_one.st_ino == named.st_ino &&
           open_one.st_dev == named.st_dev;
}

void serial_close(struct serial *serial)
{
    if (serial == NULL)
        return;
    if (serial->exclusive)
        (void)ioctl(serial->fd, TIOCNXCL);
    if (serial->port != NULL) {
        (void)sp_close(serial->port);
        sp_free_port(serial->port);
    } else if (serial->fd >= 0) {
        (void)close(serial->fd);
    }
    free(serial);
}
