/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/echo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const int64_t second_ns = INT64_C(1000000000);

void echo_begin(struct echo *echo, int64_t now_ns)
{
    *echo = (struct echo){.proven = echo->proven, .missed = echo->missed, .began_ns = now_ns};
}

bool echo_is_due(const struct echo *echo, int64_t interval_ns, int64_t now_ns)
{
    if (echo->mid || echo->refused)
        return false;
    if (echo->sent_ns == 0 || now_ns - echo->sent_ns >= interval_ns)
        return true;
    return echo->heard_ns > echo->sent_ns && now_ns - echo->heard_ns >= ECHO_SOON_S * second_ns;
}

const char *echo_make(struct echo *echo, uint64_t random)
{
    snprintf(echo->word, sizeof echo->word, "{\"v\":1,\"word\":\"%016" PRIx64 "\"}", random);
    return echo->word;
}

void echo_sent(struct echo *echo, int mid, int64_t now_ns)
{
    echo->mid = mid;
    echo->sent_ns = now_ns;
    echo->confirmed_ns = 0;
}

bool echo_confirmed(struct echo *echo, int mid, bool allowed, int64_t now_ns)
{
    if (mid == 0 || mid != echo->mid)
        return false;
    if (allowed && echo->word[0])
        echo->confirmed_ns = now_ns;
    else
        echo->mid = 0; /* refused, or the word was back before */
    echo->refused = echo->refused || !allowed;
    return true;
}

void echo_refused(struct echo *echo)
{
    echo->refused = true;
    echo->mid = 0;
}

void echo_heard(struct echo *echo, int64_t now_ns)
{
    echo->heard_ns = now_ns;
}

void echo_take(struct echo *echo, const void *payload, size_t length, int64_t now_ns)
{
    if (!echo->word[0] || length != strlen(echo->word) || memcmp(payload, echo->word, length) != 0)
        return; /* one of an earlier connection, or somebody else's */
    echo->round_trip_ns = now_ns - echo->sent_ns;
    echo->sent_ns = now_ns; /* what is heard from now on is news */
    echo->proven = true;
    echo->missed = 0;
    echo->word[0] = '\0';
    if (echo->confirmed_ns)
        echo->mid = 0;
}

enum echo_state echo_judge(struct echo *echo, int64_t now_ns)
{
    int64_t since_ns = echo->confirmed_ns > echo->heard_ns ? echo->confirmed_ns : echo->heard_ns;
    if (echo->mid == 0 || echo->confirmed_ns == 0 || now_ns - since_ns < ECHO_PATIENCE_S * second_ns)
        return ECHO_FINE;
    echo->mid = 0;
    if (echo->proven)
        return ECHO_STUCK;
    return ++echo->missed == ECHO_MISSED_MAX ? ECHO_UNPROVEN : ECHO_FINE;
}

int64_t echo_unconfirmed_ns(const struct echo *echo)
{
    return echo->mid && echo->confirmed_ns == 0 ? echo->sent_ns : INT64_MAX;
}
