/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <gps.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "atalaya/gateway/library_time.h"
#include "atalaya/gateway/log.h"
#include "track.h"

enum {
    LISTEN_MS = 250, /* so long may a stop go unnoticed */
    ASK_AFTER_S = 3, /* of silence: a gpsd whose receiver is silent says nothing of itself */
    AWAY_AFTER_S = 10,
    PAUSE_MIN_S = 1,
    PAUSE_MAX_S = 30
};
static const int64_t SECOND_NS = 1000000000;
static const int64_t SETTLE_NS = INT64_C(2000000000);

struct session {
    struct config_gpsd settings;
    bool quiet;
    char port[16];

    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Under the lock. */
    unsigned references;
    bool stop, ended;
    bool connected, has_device;
    unsigned failures;
    struct track track;

    /* The thread's alone. */
    struct gps_data_t gps;
    enum site_gps said, seen;
    int64_t seen_since_ns;
    int64_t opened_ns, heard_ns, asked_ns;
};

static void release(struct session *session)
{
    pthread_mutex_lock(&session->lock);
    bool last = --session->references == 0;
    pthread_mutex_unlock(&session->lock);
    if (!last)
        return;
    pthread_cond_destroy(&session->changed);
    pthread_mutex_destroy(&session->lock);
    free(session);
}

/* With the lock held. */
static enum site_gps state_of(const struct session *session, int64_t mono_ns)
{
    if (!session->connected)
        return SITE_GPS_AWAY;
    if (!session->has_device)
        return SITE_GPS_NO_DEVICE;
    return track_state(&session->track, mono_ns);
}

static const char *state_advice(enum site_gps state)
{
    switch (state) {
    case SITE_GPS_AWAY:
        return "does not answer; trying again for ever: is it running and reachable?";
    case SITE_GPS_NO_DEVICE:
        return "answers, but has no receiver: is it plugged in and named in gpsd's options?";
    case SITE_GPS_NO_FIX:
        return "has a receiver without a fix: does its antenna see the sky?";
    case SITE_GPS_OK:
        return "has a fix";
    case SITE_GPS_STALE:
        return "has sent no fix for too long: is the receiver still talking?";
    case SITE_GPS_FROZEN:
        return "repeats the same position to the last digit: the receiver may hang, restart it";
    case SITE_GPS_JUMPED:
        return "reports a jump of the position: reflections or interference?";
    case SITE_GPS_OFF:
        break;
    }
    return "is not used";
}

/* One line whenever the state changes; a state that passes at once, as at the start, is not worth one. */
static void report(struct session *session)
{
    int64_t mono_ns = clock_mono_ns();
    pthread_mutex_lock(&session->lock);
    enum site_gps state = state_of(session, mono_ns);
    pthread_mutex_unlock(&session->lock);
    if (state != session->seen) {
        session->seen = state;
        session->seen_since_ns = mono_ns;
    }
    bool settled =
        state == SITE_GPS_OK || state == SITE_GPS_AWAY || mono_ns - session->seen_since_ns > SETTLE_NS;
    if (state == session->said || !settled)
        return;
    session->said = state;
    if (!session->quiet)
        log_write(state == SITE_GPS_OK ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING, "gpsd %s:%s: %s",
                  session->settings.host, session->port, state_advice(state));
}

static bool is_stopped(struct session *session)
{
    pthread_mutex_lock(&session->lock);
    bool stop = session->stop;
    pthread_mutex_unlock(&session->lock);
    return stop;
}

/* gps_stream and gps_send would raise SIGPIPE and complain on standard error themselves. */
static bool ask(struct session *session, const char *command)
{
    size_t length = strlen(command);
    session->asked_ns = clock_mono_ns();
    return send(session->gps.gps_fd, command, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

static bool open_gpsd(struct session *session)
{
    memset(&session->gps, 0, sizeof session->gps);
    if (gps_open(session->settings.host, session->port, &session->gps) != 0)
        return false;
    int flags = fcntl(session->gps.gps_fd, F_GETFL);
    if (flags >= 0 && fcntl(session->gps.gps_fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
        ask(session, "?WATCH={\"enable\":true,\"json\":true};\n"))
        return true;
    (void)gps_close(&session->gps);
    return false;
}

/* What the last message of gpsd changed. */
static void take_in(struct session *session)
{
    const struct gps_data_t *gps = &session->gps;
    int64_t mono_ns = clock_mono_ns();
    session->heard_ns = mono_ns;
    pthread_mutex_lock(&session->lock);
    if (gps->set & ~(gps_mask_t)(VERSION_SET | ONLINE_SET | PACKET_SET))
        session->connected = true; /* the greeting alone does not tell yet whether there is a receiver */
    if (gps->set & DEVICELIST_SET)
        session->has_device = gps->devices.ndevices > 0;
    else if (gps->set & DEVICE_SET && !(gps->set & MODE_SET))
        session->has_device = gps->dev.activated.tv_sec > 0; /* "activated": 0 tells of an unplugged one */
    if (gps->set & SATELLITE_SET && gps->satellites_used >= 0 && gps->satellites_used <= MAXCHANNELS)
        session->track.satellites_used = gps->satellites_used;
    if (gps->set & MODE_SET) {
        struct fix fix;
        fix_read(&gps->fix, &fix);
        session->has_device = true;
        track_execute(&session->track, &fix, mono_ns);
    }
    if (!session->has_device)
        track_lose(&session->track);
    pthread_mutex_unlock(&session->lock);
}

/* One message or none. false: the connection is of no use any more. */
static bool read_message(struct session *session)
{
    static const gps_mask_t known =
        VERSION_SET | DEVICELIST_SET | DEVICE_SET | MODE_SET | SATELLITE_SET | POLICY_SET;
    struct pollfd readable = {.fd = session->gps.gps_fd, .events = POLLIN};
    session->gps.set = 0;
    /* gps_waiting calls half a line waiting, and gps_read then finds nothing new: only poll tells the truth,
     * but only once gps_read has found no whole line in its buffer. */
    int got = gps_read(&session->gps, NULL, 0);
    if (got < 0)
        return false;
    if (got == 0)
        return poll(&readable, 1, LISTEN_MS) >= 0 || errno == EINTR;
    if (session->gps.set & known)
        take_in(session);
    return true;
}

/* Until gpsd goes away, falls silent or the session stops. true: it has spoken as gpsd does. */
static bool listen_to_gpsd(struct session *session)
{
    session->opened_ns = session->heard_ns = clock_mono_ns();
    while (!is_stopped(session) && read_message(session)) {
        int64_t now_ns = clock_mono_ns();
        if (now_ns - session->heard_ns > AWAY_AFTER_S * SECOND_NS)
            break;
        if (now_ns - session->heard_ns > ASK_AFTER_S * SECOND_NS &&
            now_ns - session->asked_ns > ASK_AFTER_S * SECOND_NS && !ask(session, "?DEVICES;\n"))
            break;
        if (session->connected) /* written by this thread alone, so read without the lock */
            report(session);
    }
    return session->heard_ns != session->opened_ns;
}

static void rest(struct session *session, int pause_s)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += pause_s;
    pthread_mutex_lock(&session->lock);
    session->connected = session->has_device = false;
    session->failures++;
    track_lose(&session->track);
    pthread_mutex_unlock(&session->lock);
    report(session);
    pthread_mutex_lock(&session->lock);
    while (!session->stop && pthread_cond_timedwait(&session->changed, &session->lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&session->lock);
}

static void *run(void *context)
{
    struct session *session = context;
    int pause_s = PAUSE_MIN_S;
    while (!is_stopped(session)) {
        bool spoke = false;
        if (open_gpsd(session)) {
            spoke = listen_to_gpsd(session);
            (void)gps_close(&session->gps);
        }
        if (is_stopped(session))
            break;
        if (spoke)
            pause_s = PAUSE_MIN_S;
        rest(session, pause_s);
        pause_s = pause_s * 2 < PAUSE_MAX_S ? pause_s * 2 : PAUSE_MAX_S;
    }
    pthread_mutex_lock(&session->lock);
    session->ended = true;
    pthread_cond_broadcast(&session->changed);
    pthread_mutex_unlock(&session->lock);
    release(session);
    return NULL;
}

static enum atalaya_result start(struct session *session)
{
    pthread_condattr_t monotonic;
    if (pthread_condattr_init(&monotonic) != 0)
        return ATALAYA_E_IO;
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    int failed = pthread_cond_init(&session->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (failed)
        return ATALAYA_E_IO;
    /* Signals are the main thread's. */
    sigset_t all, before;
    pthread_t thread;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&thread, NULL, run, session);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        pthread_cond_destroy(&session->changed);
        return ATALAYA_E_IO;
    }
    (void)pthread_detach(thread);
    return ATALAYA_OK;
}

enum atalaya_result session_create(const struct config_gpsd *settings, bool quiet, struct session **session)
{
    struct session *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->settings = *settings;
    made->quiet = quiet;
    made->references = 2; /* the caller's and the thread's */
    made->said = made->seen = SITE_GPS_OFF;
    (void)snprintf(made->port, sizeof made->port, "%u", settings->port);
    track_reset(&made->track, settings);
    if (pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return ATALAYA_E_IO;
    }
    enum atalaya_result result = start(made);
    if (result != ATALAYA_OK) {
        pthread_mutex_destroy(&made->lock);
        free(made);
        return result;
    }
    *session = made;
    return ATALAYA_OK;
}

void session_facts(struct session *session, struct site_facts *facts)
{
    struct clock_quality system = clock_system_quality();
    pthread_mutex_lock(&session->lock);
    int64_t mono_ns = clock_mono_ns();
    facts->gps = state_of(session, mono_ns);
    track_facts(&session->track, session->connected && session->has_device, mono_ns, facts);
    facts->clock = track_clock(&session->track, mono_ns, clock_utc_of_mono(mono_ns), system);
    pthread_mutex_unlock(&session->lock);
}

unsigned session_failures(struct session *session)
{
    pthread_mutex_lock(&session->lock);
    unsigned failures = session->failures;
    pthread_mutex_unlock(&session->lock);
    return failures;
}

void session_destroy(struct session *session)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += SESSION_LEAVE_MS / 1000;
    pthread_mutex_lock(&session->lock);
    session->stop = true;
    pthread_cond_broadcast(&session->changed);
    while (!session->ended && pthread_cond_timedwait(&session->changed, &session->lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&session->lock);
    release(session);
}
