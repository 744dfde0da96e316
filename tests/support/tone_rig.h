/* SPDX-License-Identifier: Apache-2.0 */
/* Sounds made of sines, heard by a protocol through its modem. */
#ifndef TONE_RIG_H
#define TONE_RIG_H

#include <stddef.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"

enum { TONE_RIG_HEARD_MAX = 16 };

struct tone_rig {
    const struct protocol_row *row;
    const struct modem_class *class;
    struct modem *modem;
    void *state;
    double rate_hz;
    float *audio;
    size_t count, size;
    double phase[2];
    struct impair_random random;
    struct protocol_output output;
    unsigned heard_count;
    struct message heard[TONE_RIG_HEARD_MAX];
};

void tone_rig_open(struct tone_rig *rig, const char *protocol, double rate_hz);
void tone_rig_close(struct tone_rig *rig);
/* Appends one sine or two (0: none), the phase running on from the one before. */
void tone_rig_sound(struct tone_rig *rig, const double hz[2], const double amplitude[2], double ms);
void tone_rig_tone(struct tone_rig *rig, double hz, double ms); /* one sine of amplitude 0.4 */
void tone_rig_silence(struct tone_rig *rig, double ms);
/* White noise over all that has been appended: the ratio of a tone of amplitude 0.4 to it in 2500 Hz. */
void tone_rig_noise(struct tone_rig *rig, double snr_db);
/* Plays it, and so much silence that a protocol knows it is over; then the audio is empty and heard[] has
 * what was said. */
void tone_rig_hear(struct tone_rig *rig, double silence_ms);

#endif
