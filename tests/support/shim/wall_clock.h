/* SPDX-License-Identifier: Apache-2.0 */
/* The other ways to ask for the time, for a library that has a clock_gettime of its own. */
#ifndef ATALAYA_TEST_WALL_CLOCK_H
#define ATALAYA_TEST_WALL_CLOCK_H

#include <sys/time.h>
#include <time.h>

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec precise;
    (void)zone;
    int status = clock_gettime(CLOCK_REALTIME, &precise);
    *now = (struct timeval){precise.tv_sec, precise.tv_nsec / 1000};
    return status;
}

time_t time(time_t *out)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

#endif
