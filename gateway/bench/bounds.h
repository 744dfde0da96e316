/* SPDX-License-Identifier: Apache-2.0 */
/* How well any receiver could do, worked out beside what receivers do: closed forms, detectors that know
 * everything but the bits (genie-aided), and the distances of the radio waveforms themselves. Frames of
 * BOUND_LINE_BITS. */
#ifndef ATALAYA_BENCH_BOUNDS_H
#define ATALAYA_BENCH_BOUNDS_H

#include "bench.h"

enum {
    BOUND_LINE_BITS = 682,
    BOUNDS_MAX = 6,
    BOUND_TRIALS =
        1024 /* frames tried until the check holds: more than all branches of our receiver try together */
};

struct bench_bound {
    const char *title;
    double half_db, tenth_db;
};

/* Bounds for a case [size: BOUNDS_MAX]; returns their number. 0 where fading or the waveform leaves none. */
unsigned bench_bounds(const struct bench_case *row, struct bench_bound *bounds);

/* --- the parts, for tests */
#define BOUND_INDEX (5.0 / 6.0) /* modulation index of Bell 202: 1000 Hz of shift at 1200 bit/s */

/* Bit error rates at Eb/N0 `ratio` (not dB). J. G. Proakis, Digital Communications, sections 4.2 and 4.5. */
double bound_coherent(double ratio);    /* each bit by itself, phase known */
double bound_noncoherent(double ratio); /* each bit by itself, phase unknown */
double bound_antipodal(double ratio);   /* matched filter, no interference between symbols */
/* Long messages of first generation beacons lost at Eb/N0 `ratio`, carrier included. */
double bound_beacon(double ratio);

/* Maximum-likelihood sequences over the continuous phase, phase, timing and gain known: does the frame
 * arrive? With `list`, also when fewer than BOUND_TRIALS sequences are likelier than the truth. */
struct bound_sequence;
struct bound_sequence *bound_sequence_create(uint64_t seed);
bool bound_sequence_execute(struct bound_sequence *sequence, double ratio, bool list);
void bound_sequence_destroy(struct bound_sequence *sequence);

/* Of a protocol on minimum-shift keying: our decoder behind an ideal detector, with its soft decisions and without
 * [size: 2]; returns their number. */
unsigned bound_msk(const struct bench_case *row, struct bench_bound *bounds);

/* Squared distance, in units of 2 Eb, between FM carriers whose audio differs by two exchanged neighbouring
 * bits; the carrier's phase is known. Deviations in Hz on each tone, or of the 9600 bit/s baseband. */
double bound_distance_afsk(double mark_hz, double space_hz);
double bound_distance_baseband(double deviation_hz, double bit_rate);

/* --- bound_list.c */
/* Are fewer than BOUND_TRIALS sets of the costs, which are sorted [size: count], likelier than what costs
 * `behind`? */
bool bound_list_reaches(float *cost, unsigned count, double behind);
/* Frames of `places` decisions between two waveforms at that distance, each by itself, with BOUND_TRIALS
 * trials. */
struct bench_bound bound_places(const char *title, unsigned places, double distance, double to_level_db);

#endif
