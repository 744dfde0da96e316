/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's own process: nothing here but the key, its line to the gateway, and the monotonic clock. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "transmit/keeper.h"
#include "transmit/ptt.h"

enum { KEYED_TURN_MS = 20, IDLE_TURN_MS = 1000, REFRESH_TURNS = 5, REPEAT_MS = 200 };
static const int64_t ms_ns = 1000000;

struct child {
    int fd;
    struct config_transmitter settings;
    struct ptt ptt;
    bool open, keyed;
    bool complained; /* that the device is not there */
    int64_t keyed_ns, beat_ns, repeated_ns;
    unsigned idle_turns;
};

static void answer(const struct child *child, enum keeper_answer answer)
{
    const char byte = (char)answer;
    (void)send(child->fd, &byte, 1,
               MSG_NOSIGNAL | MSG_DONTWAIT); /* a gateway that is gone shows at the next turn */
}

/* Also what lets go of a key that somebody else left down: an opened key is up. */
static bool try_open(struct child *child)
{
    char why[PTT_TEXT_MAX] = "";
    if (child->open)
        return true;
    child->open = ptt_open(&child->ptt, &child->settings, why) == ATALAYA_OK;
    if (!child->open && !child->complained)
        log_warning("transmitter %s: %s; trying again", child->settings.name, why);
    if (child->open && child->complained)
        log_notice("transmitter %s: its key is back", child->settings.name);
    child->complained = !child->open;
    return child->open;
}

static void lose(struct child *child)
{
    if (child->open) {
        ptt_close(&child->ptt);
        log_warning("transmitter %s: its key at %s is gone; trying again", child->settings.name,
                    child->settings.ptt_device);
    }
    child->open = child->keyed = false;
    child->complained = true;
}

/* Up, or the device is not there. */
static enum keeper_answer let_go(struct child *child)
{
    child->keyed = false;
    if (child->open && ptt_set(&child->ptt, false))
        return KEEPER_DROPPED;
    lose(child);
    return KEEPER_LOST;
}

static enum keeper_answer key(struct child *child)
{
    if (!try_open(child))
        return KEEPER_LOST;
    if (ptt_is_inhibited(&child->ptt))
        return KEEPER_INHIBITED;
    child->keyed_ns = child->beat_ns = clock_mono_ns();
    child->keyed = true;
    if (ptt_set(&child->ptt, true))
        return KEEPER_KEYED;
    (void)let_go(child);
    return KEEPER_LOST;
}

static bool is_there(struct child *child, int64_t now_ns)
{
    if (!child->ptt.class->repeats || now_ns - child->repeated_ns < REPEAT_MS * ms_ns)
        return true;
    child->repeated_ns = now_ns;
    return ptt_set(&child->ptt, true);
}

static void guard(struct child *child)
{
    int64_t now_ns = clock_mono_ns();
    enum keeper_answer why = KEEPER_KEYED;
    if ((double)(now_ns - child->keyed_ns) * 1e-9 >= child->settings.limit_s)
        why = KEEPER_LIMIT;
    else if (now_ns - child->beat_ns >= KEEPER_STALL_MS * ms_ns)
        why = KEEPER_STALLED;
    else if (ptt_is_inhibited(&child->ptt))
        why = KEEPER_INHIBITED;
    else if (!is_there(child, now_ns))
        why = KEEPER_LOST;
    if (why == KEEPER_KEYED)
        return;
    (void)let_go(child);
    answer(child, why);
    if (why == KEEPER_LOST) /* it said so */
        return;
    log_warning("transmitter %s: the keeper let go of the key: %s", child->settings.name,
                why == KEEPER_LIMIT     ? "its limit is over"
                : why == KEEPER_STALLED ? "the gateway hangs"
                                        : "sending is inhibited");
}

/* Said again now and then: a port that was unplugged and came back may be down. */
static void idle(struct child *child)
{
    if (++child->idle_turns % REFRESH_TURNS == 0 && child->open && !ptt_set(&child->ptt, false))
        lose(child);
    (void)try_open(child);
}

/* false: the gateway is gone. */
static bool obey(struct child *child)
{
    char order;
    ssize_t got = recv(child->fd, &order, 1, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (got <= 0)
        return false;
    if (order == KEEPER_KEY)
        answer(child, key(child));
    else if (order == KEEPER_DROP)
        answer(child, let_go(child));
    else if (order == KEEPER_BEAT) {
        child->beat_ns = clock_mono_ns();
        if (child->keyed)
            answer(child, KEEPER_KEYED);
    }
    return true;
}

/* It ends with the gateway and not before: what ends the gateway by a signal to all its processes must leave
 * somebody who lets go. */
static bool ignore_signals(void)
{
    const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGQUIT};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (signal(signals[i], SIG_IGN) == SIG_ERR)
            return false;
    return true;
}

int keeper_main(int fd)
{
    static struct child child;
    child.fd = fd;
    if (!ignore_signals() ||
        recv(fd, &child.settings, sizeof child.settings, 0) != (ssize_t)sizeof child.settings)
        return 1;
    answer(&child, try_open(&child) ? KEEPER_DROPPED : KEEPER_LOST);
    struct pollfd watched = {.fd = fd, .events = POLLIN};
    bool alive = true;
    while (alive) {
        int ready = poll(&watched, 1, child.keyed ? KEYED_TURN_MS : IDLE_TURN_MS);
        if (ready > 0)
            alive = obey(&child);
        if (child.keyed)
            guard(&child);
        else if (ready == 0)
            idle(&child);
    }
    (void)let_go(&child);
    ptt_close(&child.ptt);
    return 0;
}
