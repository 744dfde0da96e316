/* SPDX-License-Identifier: Apache-2.0 */
#include "dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "source_private.h"

enum { LOOKUPS_MAX = 8, NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

/* Shared by who asks and the thread that looks; the last of the two frees it. */
struct lookup {
    pthread_mutex_t lock;
    pthread_cond_t found;
    bool done, given_up;
    int error;
    struct addrinfo *list;
    char host[DIAL_HOST_MAX], port[DIAL_PORT_MAX];
};

static atomic_uint lookups; /* threads at work, those given up included */

enum atalaya_result dial_split(const char *address, const char *host_default, const char *port_default,
                               char host[DIAL_HOST_MAX], char port[DIAL_PORT_MAX])
{
    bool bracket = address[0] == '[';
    const char *name = address + bracket;
    size_t length = strcspn(name, bracket ? "]" : ":");
    const char *rest = name + length;
    if (bracket && *rest++ != ']')
        return ATALAYA_E_FORMAT;
    const char *number = *rest == ':' ? rest + 1 : port_default;
    if ((*rest != '\0' && *rest != ':') || *number == '\0' || strlen(number) >= DIAL_PORT_MAX ||
        strspn(number, "0123456789") != strlen(number) || length >= DIAL_HOST_MAX || (length == 0 && bracket))
        return ATALAYA_E_FORMAT;
    unsigned long value = strtoul(number, NULL, 10);
    if (value < 1 || value > 65535)
        return ATALAYA_E_RANGE;
    if (length == 0) {
        name = host_default;
        length = strlen(host_default);
    }
    memcpy(host, name, length);
    host[length] = '\0';
    memcpy(port, number, strlen(number) + 1);
    return ATALAYA_OK;
}

static void lookup_free(struct lookup *lookup)
{
    if (lookup->list)
        freeaddrinfo(lookup->list);
    pthread_cond_destroy(&lookup->found);
    pthread_mutex_destroy(&lookup->lock);
    free(lookup);
}

static void *lookup_main(void *context)
{
    struct lookup *lookup = context;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int error = getaddrinfo(lookup->host, lookup->port, &hints, &list);
    pthread_mutex_lock(&lookup->lock);
    lookup->error = error;
    lookup->list = error == 0 ? list : NULL;
    lookup->done = true;
    bool alone = lookup->given_up;
    pthread_cond_signal(&lookup->found);
    pthread_mutex_unlock(&lookup->lock);
    if (alone)
        lookup_free(lookup);
    atomic_fetch_sub(&lookups, 1);
    return NULL;
}

static struct lookup *lookup_create(const char *host, const char *port)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);
    pthread_condattr_t attributes;
    if (lookup == NULL)
        return NULL;
    if (pthread_condattr_init(&attributes) != 0) {
        free(lookup);
        return NULL;
    }
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&lookup->lock, NULL);
    (void)pthread_cond_init(&lookup->found, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    source_say(lookup->host, sizeof lookup->host, "%s", host);
    source_say(lookup->port, sizeof lookup->port, "%s", port);
    return lookup;
}

static bool thread_start(struct lookup *lookup)
{
    pthread_t thread;
    if (atomic_fetch_add(&lookups, 1) < LOOKUPS_MAX &&
        pthread_create(&thread, NULL, lookup_main, lookup) == 0) {
        (void)pthread_detach(thread);
        return true;
    }
    atomic_fetch_sub(&lookups, 1);
    return false;
}

/* true: it is done, and ours alone. false: it may be done some day, and is the thread's. */
static bool lookup_wait(struct lookup *lookup, unsigned wait_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += wait_ms % 1000 * NS_PER_MS;
    until.tv_sec += wait_ms / 1000 + until.tv_nsec / NS_PER_S;
    until.tv_nsec %= NS_PER_S;
    pthread_mutex_lock(&lookup->lock);
    int error = 0;
    while (!lookup->done && error == 0)
        error = pthread_cond_timedwait(&lookup->found, &lookup->lock, &until);
    bool done = lookup->done;
    lookup->given_up = !done;
    pthread_mutex_unlock(&lookup->lock);
    return done;
}

static int connected(int fd, int64_t until_ns)
{
    struct pollfd poller = {.fd = fd, .events = POLLOUT};
    int64_t left_ms;
    int ready = 0, error = 0;
    socklen_t size = sizeof error;
    while (ready <= 0 && (left_ms = (until_ns - clock_mono_ns()) / NS_PER_MS) > 0) {
        ready = poll(&poller, 1, (int)left_ms);
        if (ready < 0 && errno != EINTR)
            return errno;
    }
    if (ready <= 0)
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/* A port that nobody listens on may be the very one that the kernel gives the calling socket: it would meet
 * itself (RFC 9293, 3.5: simultaneous open), hear what it says, and keep the port from its owner. */
static bool met_itself(int fd)
{
    struct sockaddr_storage here = {0}, there = {0};
    socklen_t here_size = sizeof here, there_size = sizeof there;
    return getsockname(fd, (struct sockaddr *)&here, &here_size) == 0 &&
           getpeername(fd, (struct sockaddr *)&there, &there_size) == 0 && here_size == there_size &&
           memcmp(&here, &there, here_size) == 0;
}

static int connect_one(const struct addrinfo *address, int64_t until_ns, int *fd)
{
    const int on = 1;
    *fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return errno;
    (void)setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int error = connect(*fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS)
        error = connected(*fd, until_ns);
    if (error == 0 && met_itself(*fd))
        error = ECONNREFUSED;
    if (error == 0)
        return 0;
    (void)close(*fd);
    *fd = -1;
    return error;
}

enum atalaya_result dial(const char *host, const char *port, unsigned lookup_ms, int *fd, char *text,
                         size_t size)
{
    struct lookup *lookup = lookup_create(host, port);
    *fd = -1;
    if (lookup == NULL || !thread_start(lookup)) {
        if (lookup != NULL)
            lookup_free(lookup);
        source_say(text, size, "no room to look %s up: name servers do not answer", host);
        return lookup == NULL ? ATALAYA_E_MEMORY : ATALAYA_E_FULL;
    }
    if (!lookup_wait(lookup, lookup_ms)) {
        source_say(text, size, "no answer of the name servers about %s within %g s", host, lookup_ms / 1e3);
        return ATALAYA_E_GONE;
    }
    if (lookup->error != 0) {
        source_say(text, size, "no host %s: %s", host, gai_strerror(lookup->error));
        lookup_free(lookup);
        return ATALAYA_E_GONE;
    }
    int error = EHOSTUNREACH;
    int64_t until_ns = clock_mono_ns() + (int64_t)DIAL_CONNECT_MS * NS_PER_MS;
    for (const struct addrinfo *address = lookup->list; address != NULL && *fd < 0;
         address = address->ai_next)
        error = connect_one(address, until_ns, fd);
    lookup_free(lookup);
    if (*fd >= 0)
        return ATALAYA_OK;
    source_say(text, size, "cannot reach %s port %s: %s", host, port, strerror(error));
    return ATALAYA_E_GONE;
}
