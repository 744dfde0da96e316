/* SPDX-License-Identifier: Apache-2.0 */
/* Every transmission on a channel: when, how long, how strong, and who, where a burst inside it told. What
 * the squelch and the decoders found is put together here. On the receive thread; no allocation. */
#ifndef ATALAYA_ACTIVITY_H
#define ATALAYA_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/reception.h"
#include "atalaya/protocol/squelch.h"

enum { ACTIVITY_UNITS_MAX = 4 };

#define ACTIVITY_CLICK_S   0.03 /* shorter is no transmission */
#define ACTIVITY_BEGAN_S   0.1  /* told while it lasts only if it lasts so long */
#define ACTIVITY_GOES_ON_S 10.0 /* and then again and again */
#define ACTIVITY_SETTLE_S  0.5  /* decoders may still find out who it was */

enum activity_state { ACTIVITY_BEGAN, ACTIVITY_GOES_ON, ACTIVITY_ENDED };

struct activity_unit {
    const char *address_space; /* static, as in the message */
    char id[MESSAGE_ID_MAX];
};

/* One telling. NaN: not known. */
struct activity {
    enum activity_state state;
    char source[CONFIG_NAME_MAX], channel[CONFIG_NAME_MAX];
    double frequency_hz;
    uint64_t number;   /* counts the channel's transmissions since the receiver was made */
    double start_s;    /* into the source's stream */
    double duration_s; /* so far */
    int64_t start_mono_ns;
    float level_dbfs, floor_dbfs, snr_db, offset_hz;
    unsigned bursts;                       /* decoded in it */
    char squelch_signal[SQUELCH_NAME_MAX]; /* the squelch tone or code under it, "" = none found */
    bool suspect;        /* something in it may have been a call, and raised nobody: see MESSAGE_SUSPECT */
    unsigned unit_count; /* the first ones that told who they are */
    struct activity_unit units[ACTIVITY_UNITS_MAX];
    unsigned untold; /* transmissions before this one of which nothing was told: too many at once */
};

typedef void activity_sink(void *context, const struct activity *activity);

/* What the squelch says, in the source's time. */
struct activity_squelch {
    bool open;
    double start_s, end_s;
    int64_t start_mono_ns;
    float level_dbfs, floor_dbfs, snr_db, offset_hz;
};

struct activity_tracker {
    activity_sink *sink;
    void *context;
    enum { ACTIVITY_QUIET, ACTIVITY_OPEN, ACTIVITY_SETTLING } phase;
    bool told; /* that it began */
    struct activity now;
    double told_s, end_s;
    double credit, credit_s; /* tellings that may still be made, and when that was worked out */
};

void activity_reset(struct activity_tracker *tracker, const char *source, const char *channel,
                    double frequency_hz, activity_sink *sink, void *context);
void activity_hear_squelch(struct activity_tracker *tracker, const struct activity_squelch *event);
/* A burst of the channel, copies collapsed. One that the squelch did not see is a transmission of its own. A
 * squelch tone or code is no burst: it only says what the transmission is marked with. */
void activity_hear_burst(struct activity_tracker *tracker, const struct reception *reception);
/* Once a block: tells what is due. */
void activity_tick(struct activity_tracker *tracker, double now_s);
/* The stream is over. */
void activity_finish(struct activity_tracker *tracker, double now_s);

#endif
