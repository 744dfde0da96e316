/* SPDX-License-Identifier: Apache-2.0 */
/* Whether somebody transmits on a channel, from its complex baseband (carrier) or its audio (noise and
 * level), whatever is modulated. It gates nothing: it reports what it finds by itself, and levels for who has
 * thresholds of his own. Life and threads as in modem.h: create takes all memory. */
#ifndef ATALAYA_DSP_SQUELCH_H
#define ATALAYA_DSP_SQUELCH_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#include "atalaya/result.h"

#define SQUELCH_OPEN_S        0.005 /* a carrier 6 dB above the noise is told this soon */
#define SQUELCH_HANG_S        0.2 /* gaps of a transmission up to this long (fades, time slots) are no end */
#define SQUELCH_AUDIO_HANG_S  0.8 /* the same where only a voice tells that there is one */
#define SQUELCH_WIDTH_HZ      10000.0 /* of the filter in front of the measurement of a carrier */
#define SQUELCH_LEAST_RATE_HZ 8000.0

struct squelch;

/* Samples are counted from create or restart. NaN: not known. */
struct squelch_event {
    bool open;           /* it begins; false: it was, and is over */
    double first_sample; /* where it began */
    double end_sample;   /* of an ended one */
    float level_dbfs;    /* of the carrier (IQ; 0 dB: amplitude 1) or of the audio, noise taken off */
    float floor_dbfs;    /* of the noise in the same filter */
    float snr_db;        /* level over floor; of audio NaN */
    float offset_hz;     /* of the carrier from the channel's middle; of audio NaN */
};

/* Called inside execute; NULL: nobody asks. */
typedef void squelch_sink(void *context, const struct squelch_event *event);

struct squelch_figures {
    bool open;
    float level_dbfs; /* of everything, during the last 20 ms or so */
    float floor_dbfs; /* NaN: not yet known */
};

#define SQUELCH_HISS_RATE_HZ 16000.0 /* audio of less has none */

/* Of windows of 10 ms. */
struct squelch_levels {
    float loudest_dbfs;  /* 0: a sine of full scale (audio), amplitude 1 (IQ) */
    float quietest_dbfs; /* of audio: of what is above 4.5 kHz, which a carrier takes from a discriminator */
};

/* Errors: ATALAYA_E_ARGUMENT (rate), ATALAYA_E_MEMORY. */
enum atalaya_result squelch_create(struct squelch **squelch, double rate_hz, bool iq);
/* [size: count each]; audio or iq as created. */
void squelch_execute(struct squelch *squelch, const float *audio, size_t count, squelch_sink *sink,
                     void *context);
void squelch_execute_iq(struct squelch *squelch, const float complex *iq, size_t count, squelch_sink *sink,
                        void *context);
void squelch_figures(const struct squelch *squelch, struct squelch_figures *figures);
/* The extremes of the windows that ended since the last call; false: none did. */
bool squelch_levels(struct squelch *squelch, struct squelch_levels *levels);
/* Samples are missing: a transmission under way ends (told to sink), counting begins anew, the noise is
 * remembered. */
void squelch_restart(struct squelch *squelch, squelch_sink *sink, void *context);
void squelch_destroy(struct squelch *squelch); /* NULL is allowed */

#endif
