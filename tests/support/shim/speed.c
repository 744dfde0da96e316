/* SPDX-License-Identifier: Apache-2.0 */
/* Time that goes faster, by LD_PRELOAD, for all programs of a test alike: hours of timers, keepalives and
 * expiries in a fraction of them. ATALAYA_SPEED says how many times, and from when on, as
 * tests/support/speed.py writes it: "4 MONOTONIC BOOTTIME REALTIME", nanoseconds of each clock. (libfaketime
 * 0.9.10 of Debian 12 leaves sem_clockwait, pthread_cond_clockwait and timers on CLOCK_BOOTTIME alone: what
 * waits there waits for ever.) Not sped up: timers of the kernel's own (TCP), times of files, processor time.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "preload.h"
#include "wall_clock.h"

enum { FDS_MAX = 4096, SECOND_NS = 1000000000 };

struct origin {
    clockid_t id;
    long long ns;
};

static int speed = 1;
static struct origin origins[] = {{CLOCK_MONOTONIC, 0}, {CLOCK_BOOTTIME, 0}, {CLOCK_REALTIME, 0}};
static _Atomic int clock_of[FDS_MAX]; /* of timer descriptors */

__attribute__((constructor)) static void start(void)
{
    const char *text = getenv("ATALAYA_SPEED");
    if (text)
        (void)sscanf(text, "%d %lld %lld %lld", &speed, &origins[0].ns, &origins[1].ns, &origins[2].ns);
    if (speed < 1)
        speed = 1;
}

static const struct origin *origin_of(clockid_t id)
{
    if (id == CLOCK_MONOTONIC_COARSE || id == CLOCK_MONOTONIC_RAW)
        id = CLOCK_MONOTONIC;
    if (id == CLOCK_REALTIME_COARSE)
        id = CLOCK_REALTIME;
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++)
        if (origins[i].id == id)
            return &origins[i];
    return NULL;
}

static int64_t to_ns(const struct timespec *time)
{
    return (int64_t)time->tv_sec * SECOND_NS + time->tv_nsec;
}

static struct timespec from_ns(int64_t ns)
{
    return (struct timespec){(time_t)(ns / SECOND_NS), (long)(ns % SECOND_NS)};
}

/* How long the machine takes for this: never nothing where something was asked for. */
static struct timespec shorter(const struct timespec *wait)
{
    return from_ns((to_ns(wait) + speed - 1) / speed);
}

/* When the machine's clock will be where the fast one is at this moment. */
static struct timespec real_moment(clockid_t id, const struct timespec *moment)
{
    const struct origin *origin = origin_of(id);
    if (!origin)
        return *moment;
    int64_t ahead_ns = to_ns(moment) - origin->ns;
    return ahead_ns <= 0 ? *moment : from_ns(origin->ns + (ahead_ns + speed - 1) / speed);
}

/* ---- what time it is ---- */

int clock_gettime(clockid_t id, struct timespec *now)
{
    int status = CALL(clock_gettime, id, now);
    const struct origin *origin = origin_of(id);
    if (status == 0 && origin)
        *now = from_ns(origin->ns + (to_ns(now) - origin->ns) * speed);
    return status;
}

/* ---- sleep ---- */

int clock_nanosleep(clockid_t id, int flags, const struct timespec *wait, struct timespec *left)
{
    struct timespec real = flags & TIMER_ABSTIME ? real_moment(id, wait) : shorter(wait);
    int status = CALL(clock_nanosleep, id, flags, &real, left);
    if (status == EINTR && left && !(flags & TIMER_ABSTIME))
        *left = from_ns(to_ns(left) * speed);
    return status;
}

int nanosleep(const struct timespec *wait, struct timespec *left)
{
    errno = clock_nanosleep(CLOCK_REALTIME, 0, wait, left);
    return errno ? -1 : 0;
}

int usleep(useconds_t wait_us)
{
    struct timespec wait = from_ns((int64_t)wait_us * 1000);
    return nanosleep(&wait, NULL);
}

unsigned int sleep(unsigned int seconds)
{
    struct timespec wait = {(time_t)seconds, 0}, left = {0, 0};
    return nanosleep(&wait, &left) == 0 ? 0 : (unsigned int)left.tv_sec;
}

unsigned int alarm(unsigned int seconds)
{
    struct timespec wait = shorter(&(struct timespec){(time_t)seconds, 0});
    struct itimerval timer = {.it_value = {wait.tv_sec, wait.tv_nsec / 1000}}, before = {.it_value = {0, 0}};
    (void)setitimer(ITIMER_REAL, &timer, &before);
    return (unsigned int)(before.it_value.tv_sec * speed);
}

/* ---- waiting for descriptors ---- */

static const struct timespec *shorter_or_never(const struct timespec *wait, struct timespec *real)
{
    if (!wait)
        return NULL;
    *real = shorter(wait);
    return real;
}

static int shorter_ms(int wait_ms)
{
    return wait_ms <= 0 ? wait_ms : (wait_ms + speed - 1) / speed;
}

int poll(struct pollfd *fds, nfds_t count, int wait_ms)
{
    return CALL(poll, fds, count, shorter_ms(wait_ms));
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *wait, const sigset_t *mask)
{
    struct timespec real;
    return CALL(ppoll, fds, count, shorter_or_never(wait, &real), mask);
}

int pselect(int count, fd_set *restrict readable, fd_set *restrict writable, fd_set *restrict odd,
            const struct timespec *restrict wait, const sigset_t *restrict mask)
{
    struct timespec real;
    return CALL(pselect, count, readable, writable, odd, shorter_or_never(wait, &real), mask);
}

int select(int count, fd_set *restrict readable, fd_set *restrict writable, fd_set *restrict odd,
           struct timeval *restrict wait)
{
    struct timespec asked =
        wait ? (struct timespec){wait->tv_sec, wait->tv_usec * 1000} : (struct timespec){0, 0};
    return pselect(count, readable, writable, odd, wait ? &asked : NULL, NULL);
}

int epoll_wait(int epoll, struct epoll_event *events, int count, int wait_ms)
{
    return CALL(epoll_wait, epoll, events, count, shorter_ms(wait_ms));
}

int epoll_pwait(int epoll, struct epoll_event *events, int count, int wait_ms, const sigset_t *mask)
{
    return CALL(epoll_pwait, epoll, events, count, shorter_ms(wait_ms), mask);
}

int epoll_pwait2(int epoll, struct epoll_event *events, int count, const struct timespec *wait,
                 const sigset_t *mask)
{
    struct timespec real;
    return CALL(epoll_pwait2, epoll, events, count, shorter_or_never(wait, &real), mask);
}

int timerfd_create(clockid_t id, int flags)
{
    int fd = CALL(timerfd_create, id, flags);
    if (fd >= 0 && fd < FDS_MAX)
        clock_of[fd] = id;
    return fd;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *timer, struct itimerspec *before)
{
    struct itimerspec real = {shorter(&timer->it_interval), shorter(&timer->it_value)};
    if (flags & TFD_TIMER_ABSTIME && fd >= 0 && fd < FDS_MAX)
        real.it_value = real_moment(clock_of[fd], &timer->it_value);
    return CALL(timerfd_settime, fd, flags, &real, before);
}

/* ---- waiting for threads ---- */

int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t id,
                           const struct timespec *until)
{
    struct timespec real = real_moment(id, until);
    return CALL(pthread_cond_clockwait, condition, mutex, id, &real);
}

/* Which clock a condition has, the C library keeps in this bit (nptl, COND_CLOCK_MONOTONIC). */
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
    return pthread_cond_clockwait(condition, mutex,
                                  condition->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME, until);
}

int sem_clockwait(sem_t *restrict semaphore, clockid_t id, const struct timespec *restrict until)
{
    struct timespec real = real_moment(id, until);
    return CALL(sem_clockwait, semaphore, id, &real);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until)
{
    return sem_clockwait(semaphore, CLOCK_REALTIME, until);
}
