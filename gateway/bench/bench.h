/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya bench`: how weak a signal may be until half of its frames, or a tenth, are lost. Frames are
 * random, signals generated and impaired; every decoder hears the very same samples (16 bit). Nothing here
 * runs on a tower. */
#ifndef ATALAYA_BENCH_H
#define ATALAYA_BENCH_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"
#include "atalaya/result.h"

#define BENCH_RATE_HZ 48000.0
#define BENCH_STEP_DB 0.5 /* levels are multiples of this */

enum {
    BENCH_FRAMES_MAX = 5000,
    BENCH_FRAME_OCTETS = 80,  /* without FCS: with stuffing and two flags about 682 line bits */
    BENCH_CHUNK_MAX = 192000, /* samples of one burst with the pause before it */
    BENCH_POINTS_MAX = 160,
    BENCH_DECODERS_MAX = 8,
    BENCH_CALL_SIZE = 7
};

enum bench_input {
    BENCH_AUDIO,    /* white noise on the audio: levels are Eb/N0 of a line bit */
    BENCH_FM_AUDIO, /* FM channel, discriminator audio: levels are carrier to noise in 12.5 kHz; of a waveform
                       with a carrier of its own Eb/N0 */
    BENCH_FM_IQ     /* the same channel before any discriminator */
};

/* A row of cases.def. Zero means: not impaired in that way. */
struct bench_case {
    const char *name, *modem;
    enum bench_input input;
    double start_db; /* where the search begins */
    const char *title;
    const char *protocol; /* NULL: the first row that can transmit on the modem */
    unsigned flags;       /* of TXDELAY; 0: the usual 30 */
    unsigned generation;  /* of FleetSync */
    const char *says;     /* a message, see signalling.c; NULL: random frames of AX.25 */
    double twist_db, shift_hz, clock, clip_db;
    double deviation_hz, carrier_hz, if_hz, doppler_hz;
    bool pre_emphasis, de_emphasis;
    bool alone;  /* nobody but its own protocol listens */
    bool msk;    /* minimum-shift keying in white noise, for its bound */
    bool beacon; /* a first generation beacon of 406 MHz, for its bound */
};

extern const struct bench_case bench_cases[];
extern const size_t bench_case_count;
const struct bench_case *bench_case_find(const char *name);
const char *bench_case_unit(const struct bench_case *row); /* "Eb/N0" or "CNR" */
/* Does its waveform have a carrier of its own on the radio channel, and not audio on FM? */
bool bench_case_has_carrier(const struct bench_case *row);

/* --- frames.c */
struct bench_frame {
    uint8_t raw[BENCH_FRAME_OCTETS];
    size_t length;
    char source[BENCH_CALL_SIZE], destination[BENCH_CALL_SIZE];
};

/* Frame number `index` of a seed: random addresses and payload. NULL, or a case without signalling: AX.25. */
void bench_frame_make(struct bench_frame *frame, const struct bench_case *row, uint64_t seed, unsigned index);
/* Its line bits [size: max] on the case's waveform; 0: cannot be sent. */
size_t bench_frame_bits(const struct bench_frame *frame, const struct bench_case *row, uint8_t *bits,
                        size_t max);
/* The protocol row of a case, or NULL where the program has none. */
const struct protocol_row *bench_case_protocol(const struct bench_case *row);

/* --- signalling.c: the protocols that carry no AX.25 */
bool bench_is_signalling(const struct bench_case *row);
/* false: the case has none, or it cannot be composed. */
bool bench_signalling_make(struct bench_frame *frame, const struct bench_case *row, uint64_t seed,
                           unsigned index);

/* --- tally.c: what was sent, and what was heard of it */
struct bench_tally;
struct bench_tally *bench_tally_create(const struct bench_case *row, uint64_t seed, unsigned frames);
void bench_tally_reset(struct bench_tally *tally);
void bench_tally_hear(struct bench_tally *tally, const uint8_t *raw, size_t length);
void bench_tally_hear_calls(struct bench_tally *tally, const char *source, const char *destination);
unsigned bench_tally_decoded(const struct bench_tally *tally);
unsigned bench_tally_false(const struct bench_tally *tally); /* different frames that nobody sent */
void bench_tally_destroy(struct bench_tally *tally);

/* --- signal.c: the samples of a case at a level, a chunk (pause and burst) at a time */
struct bench_chunk {
    const float *audio;      /* [size: count], as a 16-bit recording holds it; NULL for IQ */
    const float complex *iq; /* [size: count] */
    size_t count;
};

struct bench_signal;
/* Errors: ATALAYA_E_UNSUPPORTED (no such modem or protocol in this program), ATALAYA_E_MEMORY. */
enum atalaya_result bench_signal_create(struct bench_signal **signal, const struct bench_case *row,
                                        uint64_t seed, unsigned frames);
void bench_signal_start(struct bench_signal *signal, double level_db);
bool bench_signal_next(struct bench_signal *signal, struct bench_chunk *chunk); /* false: that was all */
void bench_signal_destroy(struct bench_signal *signal);

/* --- ear.c: our own receiver */
struct bench_ear;
/* Everything on, as `atalaya decode` has it, unless the case is for one alone. ATALAYA_E_UNSUPPORTED: no
 * modem takes such input. */
enum atalaya_result bench_ear_create(struct bench_ear **ear, const struct bench_case *row,
                                     struct bench_tally *tally);
/* A receiver of audio on fast FSK that throws the soft decisions away: every bit is equally sure. Of all
 * branches; of the best one alone, which detects minimum-shift keying as such; of one timing lane of the
 * sequence detector, which learns from its decisions as receivers with one clock do; or of the slicer, which
 * compares the two tones bit by bit. */
enum bench_hard { BENCH_HARD_ALL, BENCH_HARD_BEST, BENCH_HARD_LANE, BENCH_HARD_SLICER };
enum atalaya_result bench_ear_create_hard(struct bench_ear **ear, const struct bench_case *row,
                                          enum bench_hard hard, struct bench_tally *tally);
void bench_ear_execute(struct bench_ear *ear, const struct bench_chunk *chunk);
void bench_ear_finish(struct bench_ear *ear); /* guesses that wait for better ones get to the tally */
double bench_ear_cpu_s(const struct bench_ear *ear); /* processor time spent in execute */
void bench_ear_destroy(struct bench_ear *ear);

/* --- peers.c: other people's decoders, where they are installed */
struct bench_peer {
    const char *name;
    unsigned bit_rate;
    const char *arguments[8]; /* program first; the recording's path follows them */
};
extern const struct bench_peer bench_peers[];
extern const size_t bench_peer_count;
bool bench_peer_installed(const struct bench_peer *peer);
/* Runs it over a WAV file, for at most limit_s. false: it could not be run, or refuses its options. */
bool bench_peer_run(const struct bench_peer *peer, const char *path, double limit_s,
                    struct bench_tally *tally, double *cpu_s);

/* --- search.c: where half of the frames, or a tenth, are lost */
struct bench_point {
    double level_db;
    unsigned sent, decoded, false_frames;
    double signal_s, cpu_s;
};

struct bench_curve {
    struct bench_point point[BENCH_POINTS_MAX]; /* in order of level */
    unsigned count;
};

/* Measures one level; false ends the search. */
typedef bool bench_measure(void *context, double level_db, struct bench_point *point);
bool bench_search(struct bench_curve *curve, double start_db, bench_measure *measure, void *context);
/* Every level from from_db to to_db. */
bool bench_sweep(struct bench_curve *curve, double from_db, double to_db, bench_measure *measure,
                 void *context);
/* The level at which `loss` of the frames are lost, by monotone regression; NaN: not within the points. */
double bench_curve_level(const struct bench_curve *curve, double loss);

#endif
