/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { ERRORS_MAX = 4096, ROWS_USUAL = 24, COLUMNS_USUAL = 80 };

struct terminal {
    int fd; /* of its own: non-blocking, which the shell's is not */
    struct termios saved;
    bool unicode, colour;
    struct screen shown, next;
    char bytes[SCREEN_BYTES_MAX];
    size_t from, to;
    int error_fd, saved_error_fd; /* our end of standard error; where it went before */
    char errors[ERRORS_MAX];
    size_t error_length;
};

static void write_all(int fd, const char *text)
{
    size_t length = strlen(text), written = 0;
    struct pollfd poller = {.fd = fd, .events = POLLOUT};
    while (written < length && poll(&poller, 1, 500) > 0) {
        ssize_t count = write(fd, text + written, length - written);
        if (count <= 0)
            return;
        written += (size_t)count;
    }
}

static void take_errors(struct terminal *t)
{
    int ends[2];
    t->error_fd = t->saved_error_fd = -1;
    if (isatty(STDERR_FILENO) != 1 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return;
    t->saved_error_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (t->saved_error_fd >= 0 && dup2(ends[1], STDERR_FILENO) >= 0)
        t->error_fd = ends[0];
    else
        (void)close(ends[0]);
    (void)close(ends[1]);
}

struct terminal *terminal_open(void)
{
    const char *kind = getenv("TERM");
    if (isatty(STDOUT_FILENO) != 1 || !kind || !kind[0] || strcmp(kind, "dumb") == 0)
        return NULL; /* plain lines */
    struct terminal *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (t->fd < 0 || tcgetattr(t->fd, &t->saved) != 0) {
        if (t->fd >= 0)
            (void)close(t->fd);
        free(t);
        return NULL;
    }
    struct termios raw = t->saved;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* Ctrl-C stays a signal */
    raw.c_cc[VMIN] = raw.c_cc[VTIME] = 0;
    (void)tcsetattr(t->fd, TCSADRAIN, &raw);
    const char *no_colour = getenv("NO_COLOR");
    t->unicode = setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    t->colour = !(no_colour && no_colour[0]);
    write_all(t->fd, "\033[?1049h\033[?25l");
    take_errors(t);
    return t;
}

void terminal_close(struct terminal *t)
{
    if (!t)
        return;
    write_all(t->fd, "\033[?25h\033[?1049l");
    (void)tcsetattr(t->fd, TCSADRAIN, &t->saved);
    if (t->saved_error_fd >= 0) {
        (void)dup2(t->saved_error_fd, STDERR_FILENO);
        (void)close(t->saved_error_fd);
    }
    if (t->error_fd >= 0)
        (void)close(t->error_fd);
    (void)close(t->fd);
    free(t);
}

void terminal_size(const struct terminal *t, unsigned *rows, unsigned *columns)
{
    struct winsize size = {0};
    bool known = ioctl(t->fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
    *rows = known ? size.ws_row : ROWS_USUAL;
    *columns = known ? size.ws_col : COLUMNS_USUAL;
}

static void flush(struct terminal *t)
{
    while (t->from < t->to) {
        ssize_t count = write(t->fd, t->bytes + t->from, t->to - t->from);
        if (count <= 0)
            return; /* a slow line: the rest goes with a later turn */
        t->from += (size_t)count;
    }
}

void terminal_show(struct terminal *t, const struct listen_model *model)
{
    unsigned rows, columns;
    flush(t);
    if (t->from < t->to)
        return;
    terminal_size(t, &rows, &columns);
    screen_draw(&t->next, model, rows, columns, t->unicode, t->colour);
    t->from = 0;
    t->to = screen_update(&t->shown, &t->next, t->bytes);
    flush(t);
}

int terminal_key(struct terminal *t)
{
    unsigned char bytes[3];
    ssize_t count = read(t->fd, bytes, 1);
    if (count != 1)
        return KEY_NONE;
    if (bytes[0] != '\033')
        return bytes[0];
    if (read(t->fd, bytes + 1, 1) != 1 || bytes[1] != '[' || read(t->fd, bytes + 2, 1) != 1)
        return KEY_NONE;
    switch (bytes[2]) {
    case 'A':
        return KEY_UP;
    case 'B':
        return KEY_DOWN;
    case 'C':
        return KEY_RIGHT;
    case 'D':
        return KEY_LEFT;
    default:
        return KEY_NONE;
    }
}

bool terminal_error(struct terminal *t, char *text)
{
    if (t->error_fd < 0)
        return false;
    ssize_t count = read(t->error_fd, t->errors + t->error_length, ERRORS_MAX - t->error_length);
    if (count > 0)
        t->error_length += (size_t)count;
    const char *end = memchr(t->errors, '\n', t->error_length);
    if (end == NULL && t->error_length < ERRORS_MAX)
        return false;
    size_t length = end ? (size_t)(end - t->errors) : t->error_length;
    size_t kept = length < LISTEN_TEXT_MAX ? length : LISTEN_TEXT_MAX - 1;
    memcpy(text, t->errors, kept);
    text[kept] = '\0';
    length += end != NULL;
    t->error_length -= length;
    memmove(t->errors, t->errors + length, t->error_length);
    return true;
}
