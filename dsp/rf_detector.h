/* SPDX-License-Identifier: Apache-2.0 */
/* Bell 202 off the FM carrier itself, without a discriminator: memory, watch for flags, acquisition, lane.
 * The discriminator's audio is listened to only for what to look for. Of a receiver's audio the carrier is
 * made again. README.md has the mathematics. */
#ifndef ATALAYA_DSP_RF_DETECTOR_H
#define ATALAYA_DSP_RF_DETECTOR_H

#include "bit_train.h"
#include "atalaya/dsp/discriminator.h"
#include "front_end.h"
#include "tone_windows.h"

struct rf_detector;

/* For complex baseband at rate_hz, heard also by these two; discriminator NULL: for audio at rate_hz. Errors:
 * ATALAYA_E_MEMORY, ATALAYA_E_ARGUMENT (no such carrier at this rate). */
enum atalaya_result rf_detector_create(struct rf_detector **detector, double rate_hz,
                                       const struct discriminator *discriminator,
                                       const struct front_end *front_end);
void rf_detector_reset(struct rf_detector *detector);
void rf_detector_destroy(struct rf_detector *detector); /* NULL is allowed */
/* Remembers a piece of the channel [size: count] and the audio that the discriminator made of it [size:
 * made]. */
void rf_detector_push(struct rf_detector *detector, const float complex *iq, size_t count, const float *audio,
                      size_t made);
/* The same of audio. */
void rf_detector_push_audio(struct rf_detector *detector, const float *audio, size_t count);
/* The newest tone windows of that audio. */
void rf_detector_watch(struct rf_detector *detector, const struct tone_windows *windows);
/* Reads what there is; the train's times are those of the front end's output. true: once more, when the train
 * has been emptied. */
bool rf_detector_execute(struct rf_detector *detector, struct bit_train *train);
/* Somebody else read a frame in the audio, which began at `start` of the front end's output: this burst needs
 * no help. */
void rf_detector_satisfy(struct rf_detector *detector, double start);
/* Nobody else will read what waits: execute does at once. */
void rf_detector_finish(struct rf_detector *detector);
/* Mean offset of the carrier over bits [first_bit, end_bit) of the train. NaN: too long ago. */
float rf_detector_offset_hz(const struct rf_detector *detector, const struct bit_train *train,
                            uint64_t first_bit, uint64_t end_bit);

#endif
