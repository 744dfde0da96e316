/* SPDX-License-Identifier: Apache-2.0 */
/* Lines are rendered on the caller's stack and written with one write(2) each, outside the lock; the lock
 * covers only the table of what was said lately. "The same place" is the address of the format. */
#include "atalaya/gateway/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"

enum {
    LINE_MAX_BYTES = 1024, /* below PIPE_BUF, so that lines of several threads do not mix */
    SAMPLE_MAX_BYTES = 256,
    PLACES_MAX = 256, /* more than the program has */
    LINES_PER_WINDOW = 10,
    ALL_LINES_PER_WINDOW = 500
};
static const int64_t WINDOW_NS = INT64_C(60) * 1000000000;

struct place {
    const char *format; /* NULL = free */
    int64_t since_ns;   /* start of its window */
    unsigned said, held;
    enum log_level level;
    char sample[SAMPLE_MAX_BYTES]; /* the line held back last */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct place places[PLACES_MAX + 1]; /* the last: of all together */
static struct place *const together = &places[PLACES_MAX];
static atomic_int limit = LOG_LEVEL_INFO;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool to_journal;

void log_set_level(enum log_level level)
{
    atomic_store(&limit, (int)level);
}

/* systemd.exec(5): JOURNAL_STREAM holds device and inode of the stream; a redirected stderr does not match.
 */
static void find_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    unsigned long long device, inode;
    if (stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &status) == 0)
        to_journal = device == status.st_dev && inode == status.st_ino;
}

/* What others sent may be in the text: no byte of it may start a line of its own or command a terminal. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = ' ';
}

static void say(enum log_level level, const char *text)
{
    static const char *const words[] = {"error", "warning", "notice", "info", "debug"};
    char line[LINE_MAX_BYTES + 32];
    int length;
    (void)pthread_once(&once, find_journal);
    if (to_journal) {
        /* sd-daemon(3): syslog priorities; error is 3 and ours follow in the same order. */
        length = snprintf(line, sizeof line, "<%d>%s\n", 3 + (int)level, text);
    } else {
        int of_day_s = (int)(clock_utc_ns() / 1000000000 % 86400);
        length = snprintf(line, sizeof line, "%02d:%02d:%02d %s %s\n", of_day_s / 3600, of_day_s / 60 % 60,
                          of_day_s % 60, words[level], text);
    }
    if (length <= 0)
        return;
    /* There is nobody to tell when this fails. */
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)length);
    (void)ignored;
}

static void say_held(const struct place *place)
{
    char text[SAMPLE_MAX_BYTES + 64];
    if (place->format)
        (void)snprintf(text, sizeof text, "%s (repeated %u times)", place->sample, place->held);
    else
        (void)snprintf(text, sizeof text, "%s (the last of %u lines that were too many)", place->sample,
                       place->held);
    say(place->level, text);
}

/* Takes one place with something held back out of the table, if its window is over or `all`. */
static bool take_held(int64_t now_ns, bool all, struct place *taken)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i <= PLACES_MAX && !found; i++) {
        struct place *place = &places[i];
        if (place->held == 0 || !(all || now_ns - place->since_ns >= WINDOW_NS))
            continue;
        *taken = *place;
        place->held = 0;
        found = true;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

/* The place of `format`, or a free one, or the one whose window began first among those that hold nothing;
 * NULL when every place holds something back. With the lock held. */
static struct place *find_place(const char *format)
{
    struct place *spare = NULL;
    for (size_t i = 0; i < PLACES_MAX; i++) {
        if (places[i].format == format)
            return &places[i];
        if (places[i].held == 0 && (!spare || places[i].since_ns < spare->since_ns))
            spare = &places[i];
    }
    if (spare)
        *spare = (struct place){.format = format};
    return spare;
}

/* With the lock held. */
static bool admit_at(struct place *place, unsigned most, enum log_level level, const char *text,
                     int64_t now_ns)
{
    if (place->said == 0 || (now_ns - place->since_ns >= WINDOW_NS && place->held == 0)) {
        place->since_ns = now_ns;
        place->said = 0;
    }
    bool admitted = place->said < most;
    place->said += admitted;
    if (!admitted) {
        place->held++;
        place->level = level;
        (void)snprintf(place->sample, sizeof place->sample, "%.*s", (int)sizeof place->sample - 1, text);
    }
    return admitted;
}

/* Counts a line; true = it may be said now. */
static bool admit(enum log_level level, const char *format, const char *text, int64_t now_ns)
{
    bool admitted = true;
    pthread_mutex_lock(&lock);
    struct place *place = find_place(format);
    if (place)
        admitted = admit_at(place, LINES_PER_WINDOW, level, text, now_ns);
    if (admitted)
        admitted = admit_at(together, ALL_LINES_PER_WINDOW, level, text, now_ns);
    pthread_mutex_unlock(&lock);
    return admitted;
}

void log_write(enum log_level level, const char *format, ...)
{
    if ((int)level > atomic_load(&limit))
        return;
    int saved = errno;
    char text[LINE_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0)
        (void)snprintf(text, sizeof text, "(a line that could not be rendered: %.200s)", format);
    make_printable(text);

    int64_t now_ns = clock_mono_ns();
    struct place held;
    for (int i = 0; i <= PLACES_MAX && take_held(now_ns, false, &held); i++)
        say_held(&held);
    if (admit(level, format, text, now_ns))
        say(level, text);
    errno = saved;
}

void log_flush(void)
{
    struct place held;
    for (int i = 0; i <= PLACES_MAX && take_held(0, true, &held); i++)
        say_held(&held);
}
