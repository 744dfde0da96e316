/* SPDX-License-Identifier: Apache-2.0 */
/* Other people's decoders, run as programs over the recordings that we decode ourselves. Their output is read
 * for the call signs of each frame. multimon-ng reads a WAV file through sox, whose time is counted with it.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "bench.h"

enum { LINE_MAX_OCTETS = 4096, READ_OCTETS = 65536 };

const struct bench_peer bench_peers[] = {
    {"atest E+", 1200, {"atest", "-B", "1200", "-P", "E+", NULL}},
    {"atest D+", 1200, {"atest", "-B", "1200", "-P", "D+", NULL}},
    {"atest A+ F1", 1200, {"atest", "-B", "1200", "-P", "A+", "-F", "1", NULL}}, /* Dire Wolf 1.7 and later */
    {"multimon-ng", 1200, {"multimon-ng", "-q", "-t", "wav", "-a", "AFSK1200", NULL}},
    {"atest", 9600, {"atest", "-B", "9600", NULL}},
    {"atest +", 9600, {"atest", "-B", "9600", "-P", "+", NULL}},
    {"multimon-ng", 9600, {"multimon-ng", "-q", "-t", "wav", "-a", "FSK9600", NULL}},
};

const size_t bench_peer_count = sizeof bench_peers / sizeof *bench_peers;

static bool on_path(const char *program)
{
    const char *path = getenv("PATH");
    char name[512];
    while (path && *path) {
        size_t length = strcspn(path, ":");
        snprintf(name, sizeof name, "%.*s/%s", (int)length, path, program);
        if (access(name, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

bool bench_peer_installed(const struct bench_peer *peer)
{
    return on_path(peer->arguments[0]) && (strcmp(peer->arguments[0], "multimon-ng") != 0 || on_path("sox"));
}

static bool is_call(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isupper((unsigned char)text[i]) && !isdigit((unsigned char)text[i]))
            return false;
    return length > 0 && length < BENCH_CALL_SIZE;
}

static bool hear_pair(struct bench_tally *tally, const char *source, const char *destination)
{
    char from[BENCH_CALL_SIZE] = "", to[BENCH_CALL_SIZE] = "";
    size_t from_length = strcspn(source, "->, "), to_length = strcspn(destination, "-:, \n");
    if (!is_call(source, from_length) || !is_call(destination, to_length))
        return false;
    memcpy(from, source, from_length);
    memcpy(to, destination, to_length);
    bench_tally_hear_calls(tally, from, to);
    return true;
}

/* atest: "[0.0] SOURCE>DESTINATION:text"; multimon-ng: "AFSK1200: fm SOURCE-0 to DESTINATION-0 UI ...". Any
 * other line is a heading or a payload. */
static void hear_line(struct bench_tally *tally, char *line)
{
    char *from = strstr(line, ": fm "), *to = from ? strstr(from, " to ") : NULL;
    if (from && to) {
        hear_pair(tally, from + 5, to + 4);
        return;
    }
    from = line[0] == '[' ? strstr(line, "] ") : NULL;
    to = from ? strchr(from, '>') : NULL;
    if (from && to)
        hear_pair(tally, from + 2, to + 1);
}

/* Terminal colours are between an escape and an 'm'. */
struct line_reader {
    struct bench_tally *tally;
    char line[LINE_MAX_OCTETS];
    size_t length;
    bool escaped;
};

static void read_octet(struct line_reader *reader, char octet)
{
    if (octet == '\033' || reader->escaped) {
        reader->escaped = octet != 'm' && octet != 'J' && octet != '\n';
        return;
    }
    if (octet == '\n') {
        reader->line[reader->length] = '\0';
        hear_line(reader->tally, reader->line);
        reader->length = 0;
    } else if (reader->length + 1 < sizeof reader->line && octet != '\0') {
        reader->line[reader->length++] = octet;
    }
}

/* false: time is up. */
static bool read_all(int from, int64_t until_ns, struct bench_tally *tally)
{
    static struct line_reader reader;
    static char octets[READ_OCTETS];
    reader = (struct line_reader){.tally = tally};
    for (;;) {
        int64_t left_ms = (until_ns - clock_mono_ns()) / 1000000;
        struct pollfd wait = {.fd = from, .events = POLLIN};
        if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) <= 0)
            return false;
        ssize_t got = read(from, octets, sizeof octets);
        if (got <= 0)
            return true;
        for (ssize_t i = 0; i < got; i++)
            read_octet(&reader, octets[i]);
    }
}

static void become(const struct bench_peer *peer, const char *path, int output)
{
    char *words[10];
    int count = 0, nothing = open("/dev/null", O_RDWR);
    for (; peer->arguments[count]; count++)
        words[count] = strdup(peer->arguments[count]);
    words[count++] = strdup(path);
    words[count] = NULL;
    setpgid(0, 0); /* with what it starts itself */
    dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    execvp(words[0], words);
    _exit(127);
}

bool bench_peer_run(const struct bench_peer *peer, const char *path, double limit_s,
                    struct bench_tally *tally, double *cpu_s)
{
    int ends[2], status = 0;
    struct rusage used = {0};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        become(peer, path, ends[1]);
    close(ends[1]);
    if (child > 0 && !read_all(ends[0], clock_mono_ns() + (int64_t)(limit_s * 1e9), tally))
        kill(-child, SIGKILL);
    close(ends[0]);
    if (child < 0)
        return false;
    while (wait4(child, &status, 0, &used) < 0 && errno == EINTR)
        continue;
    *cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
             (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
    return !WIFEXITED(status) || WEXITSTATUS(status) == 0;
}
