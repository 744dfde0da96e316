/* SPDX-License-Identifier: Apache-2.0 */
/* What the engineer's view knows, wherever it comes from: channels, their levels, what was heard, a spectrum.
 * Pure; one thread. */
#ifndef ATALAYA_LISTEN_MODEL_H
#define ATALAYA_LISTEN_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../activity.h"
#include "atalaya/gateway/config.h"
#include "atalaya/gateway/reception.h"

struct line; /* mqtt/line.h */

enum {
    LISTEN_CHANNELS_MAX = 128,
    LISTEN_COLUMNS_MAX = 240, /* of a spectrum on a screen */
    LISTEN_TEXT_MAX = 256,
    LISTEN_HEARD_MAX = 8, /* lines of what was heard last */
    LISTEN_WATERFALL_MAX = 6
};

/* NaN: not known. */
struct listen_channel {
    char name[CONFIG_NAME_MAX];
    double frequency_hz;
    bool open;
    float level_dbfs, floor_dbfs;
    float peak_dbfs;            /* held, see listen_tick */
    double peak_s;              /* when that was */
    float snr_db, offset_hz;    /* of the last burst or transmission */
    char unit[CONFIG_TEXT_MAX]; /* the last one that said who it is; "" = none */
    uint64_t bursts, transmissions;
    double heard_s; /* when the last burst or transmission ended */
};

struct listen_model {
    char title[LISTEN_TEXT_MAX]; /* what is listened to */
    char state[LISTEN_TEXT_MAX]; /* what is wrong, or how it is set; "" = nothing to say */
    char keys[LISTEN_TEXT_MAX];
    double now_s;  /* since the view began */
    double clip_s; /* when the source clipped last; negative: never */
    float clip_peak;
    bool dead; /* every sample is the same */
    uint64_t lost_frames;
    unsigned channel_count;
    struct listen_channel channels[LISTEN_CHANNELS_MAX];
    /* newest first [size: heard_count] */
    unsigned heard_count;
    char heard[LISTEN_HEARD_MAX][LISTEN_TEXT_MAX];
    /* spectrum: dB of each column, and rows that went before, newest first */
    unsigned columns;
    double left_hz, right_hz; /* of the spectrum's ends; radio frequencies where known */
    float column_db[LISTEN_COLUMNS_MAX];
    unsigned waterfall_count;
    float waterfall_db[LISTEN_WATERFALL_MAX][LISTEN_COLUMNS_MAX];
};

void listen_reset(struct listen_model *model);
/* The channel of that name, a new one where there is room; NULL: there is not. */
struct listen_channel *listen_channel(struct listen_model *model, const char *name);
void listen_hear_activity(struct listen_model *model, const struct activity *activity);
void listen_hear_reception(struct listen_model *model, const struct reception *reception);
/* A level of the channel, some times a second. */
void listen_level(struct listen_model *model, struct listen_channel *channel, bool open, float level_dbfs,
                  float floor_dbfs);
/* The largest |sample| of the source since the last call. */
void listen_peak(struct listen_model *model, float peak);
/* What was heard, as a line of text: foreign, made harmless here. */
void listen_say(struct listen_model *model, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* power [size: bins] of equal steps from left_hz to right_hz becomes columns; the last one moves into the
 * waterfall. */
void listen_spectrum(struct listen_model *model, const float *power, unsigned bins, unsigned columns,
                     double left_hz, double right_hz);
/* How a burst was heard, of what is known: SNR, offset, deviation. */
void listen_put_figures(struct line *line, double snr_db, double offset_hz, double deviation_hz);
/* One line about a reception: who said what, and how it was heard. [size: LISTEN_TEXT_MAX] */
void listen_describe(const struct reception *reception, char *text);

#endif
