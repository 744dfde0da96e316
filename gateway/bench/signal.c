/* SPDX-License-Identifier: Apache-2.0 */
/* The samples of a case. A chunk is a pause, in which there is only noise (on an FM channel: no carrier), and
 * a burst. One seed gives the same frames, pauses, fading and noise at every level, the noise only louder:
 * curves are smooth, and every decoder hears the same. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "bench.h"

#define PAUSE_LEAST_S   0.10
#define PAUSE_RANDOM_S  0.15
#define IF_WIDTH_HZ     15000.0
#define FULL_SCALE_HZ   12000.0 /* discriminator: 3 kHz of deviation gives a quarter of the scale */
#define HEADROOM_SIGMAS 4.0

enum {
    POWER_BITS = 4000,
    POWER_SETTLE = 1000, /* samples */
    TAIL_S_PART = 2
}; /* after the last burst half a second of noise, for slow decoders */

struct bench_signal {
    const struct bench_case *row;
    const struct modem_row *modem;
    uint64_t seed;
    unsigned frames, next;
    struct impair_random noise, pause;
    struct impair_shape *shape;
    struct fm_transmitter transmitter;
    struct fm_receiver *receiver;
    struct fading fading;
    double power, sigma, level; /* of the shaped signal; of the noise; factor to a recording's scale */
    uint8_t bits[PROTOCOL_LINE_BITS_MAX];
    size_t pause_count, count; /* samples of the chunk: pause first */
    float audio[BENCH_CHUNK_MAX];
    float complex iq[BENCH_CHUNK_MAX];
};

static size_t pause_draw(struct bench_signal *signal)
{
    return (size_t)((PAUSE_LEAST_S + PAUSE_RANDOM_S * impair_random_uniform(&signal->pause)) * BENCH_RATE_HZ);
}

/* Pause and clean burst into audio. After the last burst comes a pause alone. */
static bool make_clean(struct bench_signal *signal)
{
    if (signal->next > signal->frames)
        return false;
    if (signal->next++ == signal->frames) {
        signal->count = signal->pause_count = (size_t)BENCH_RATE_HZ / TAIL_S_PART;
        memset(signal->audio, 0, signal->count * sizeof *signal->audio);
        return true;
    }
    struct bench_frame frame;
    bench_frame_make(&frame, signal->row, signal->seed, signal->next - 1);
    size_t bits = bench_frame_bits(&frame, signal->row, signal->bits, sizeof signal->bits);
    signal->pause_count = pause_draw(signal);
    memset(signal->audio, 0, signal->pause_count * sizeof *signal->audio);
    const struct modem_class *class = signal->modem->class;
    const double rate_hz = BENCH_RATE_HZ / (1.0 + signal->row->clock);
    const size_t room = BENCH_CHUNK_MAX - signal->pause_count;
    size_t burst =
        bench_case_has_carrier(signal->row)
            ? class->modulate_iq(rate_hz, signal->bits, bits, signal->iq + signal->pause_count, room)
            : class->modulate(rate_hz, signal->bits, bits, signal->audio + signal->pause_count, room);
    signal->count = signal->pause_count + burst;
    return bits > 0 && burst > 0;
}

/* Mean power, shaped, of random line bits: what the energy of a bit is taken from. Flags are not random, and
 * on unequal tones would count too much or too little. */
static bool measure_power(struct bench_signal *signal)
{
    struct impair_random random;
    double energy = 0.0;
    impair_random_seed(&random, signal->seed);
    for (unsigned i = 0; i < POWER_BITS / 2; i++) { /* as many of one tone as of the other */
        signal->bits[i] = impair_random_next(&random) >> 63;
        signal->bits[POWER_BITS / 2 + i] = !signal->bits[i];
    }
    size_t count = signal->modem->class->modulate(BENCH_RATE_HZ / (1.0 + signal->row->clock), signal->bits,
                                                  POWER_BITS, signal->audio, BENCH_CHUNK_MAX);
    impair_shape_execute(signal->shape, signal->audio, count);
    for (size_t i = POWER_SETTLE; i < count; i++)
        energy += (double)signal->audio[i] * (double)signal->audio[i];
    signal->power = count > POWER_SETTLE ? energy / (double)(count - POWER_SETTLE) : 0.0;
    return signal->power > 0.0;
}

static enum atalaya_result create_parts(struct bench_signal *signal)
{
    const struct bench_case *row = signal->row;
    const struct impair_shape_settings shape = {
        .rate_hz = BENCH_RATE_HZ,
        .twist_db = row->twist_db,
        .shift_hz = row->shift_hz,
        .de_emphasis = row->input == BENCH_AUDIO && row->de_emphasis,
    };
    const struct fm_receiver_settings receiver = {
        .rate_hz = BENCH_RATE_HZ,
        .if_width_hz = row->if_hz > 0.0 ? row->if_hz : IF_WIDTH_HZ,
        .full_scale_hz = FULL_SCALE_HZ,
        .de_emphasis = row->de_emphasis,
    };
    enum atalaya_result result = impair_shape_create(&signal->shape, &shape);
    if (result == ATALAYA_OK)
        result = fm_receiver_create(&signal->receiver, &receiver);
    if (result == ATALAYA_OK && !bench_case_has_carrier(row) && !measure_power(signal))
        result = ATALAYA_E_UNSUPPORTED;
    return result;
}

enum atalaya_result bench_signal_create(struct bench_signal **signal, const struct bench_case *row,
                                        uint64_t seed, unsigned frames)
{
    const struct modem_row *modem = modem_find(row->modem);
    if (!modem || !(modem->class->modulate || bench_case_has_carrier(row)) || !bench_case_protocol(row))
        return ATALAYA_E_UNSUPPORTED;
    struct bench_signal *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->row = row;
    made->modem = modem;
    made->seed = seed;
    made->frames = frames;
    impair_random_seed(&made->pause, seed);
    enum atalaya_result result = create_parts(made);
    if (result != ATALAYA_OK) {
        bench_signal_destroy(made);
        return result;
    }
    *signal = made;
    return ATALAYA_OK;
}

void bench_signal_start(struct bench_signal *signal, double level_db)
{
    const struct bench_case *row = signal->row;
    const struct fm_transmitter_settings transmitter = {
        .rate_hz = BENCH_RATE_HZ,
        .deviation_hz = row->deviation_hz,
        .carrier_hz = row->carrier_hz,
        .pre_emphasis = row->pre_emphasis,
    };
    impair_random_seed(&signal->pause, signal->seed);
    impair_random_seed(&signal->noise, signal->seed + 1);
    impair_shape_reset(signal->shape);
    fm_receiver_reset(signal->receiver);
    fm_transmitter_create(&signal->transmitter, &transmitter);
    signal->next = 0;
    if (row->input != BENCH_AUDIO) {
        if (bench_case_has_carrier(row)) /* Eb/N0: carrier to noise in as many Hz as there are bit/s */
            level_db += 10.0 * log10(signal->modem->bit_rate / IMPAIR_CNR_WIDTH_HZ);
        signal->sigma = impair_cnr_sigma(BENCH_RATE_HZ, level_db);
        signal->level = 1.0;
        return;
    }
    signal->sigma = impair_noise_sigma(signal->power, BENCH_RATE_HZ, signal->modem->bit_rate, level_db);
    signal->level = 1.0 / (2.0 * sqrt(2.0 * signal->power) + HEADROOM_SIGMAS * signal->sigma);
    if (row->clip_db > 0.0)
        signal->level = 0.9 / pow(10.0, -row->clip_db / 20.0);
}

static void impair_audio(struct bench_signal *signal)
{
    float limit = (float)pow(10.0, -signal->row->clip_db / 20.0);
    impair_shape_execute(signal->shape, signal->audio, signal->count);
    impair_add_noise(&signal->noise, signal->audio, signal->count, signal->sigma);
    if (signal->row->clip_db > 0.0)
        impair_clip(signal->audio, signal->count, limit);
}

static void turn_carrier(struct bench_signal *signal)
{
    const double turn = 2.0 * M_PI * signal->row->carrier_hz / BENCH_RATE_HZ;
    for (size_t i = signal->pause_count; i < signal->count; i++) {
        double phase = turn * (double)i;
        signal->iq[i] *= (float)cos(phase) + (float)sin(phase) * (float complex)_Complex_I;
    }
}

/* The transmitter is keyed for the burst alone. */
static void impair_radio(struct bench_signal *signal)
{
    size_t first = signal->pause_count;
    memset(signal->iq, 0, first * sizeof *signal->iq);
    if (bench_case_has_carrier(signal->row))
        turn_carrier(signal);
    else
        fm_transmitter_execute(&signal->transmitter, signal->audio + first, signal->count - first,
                               signal->iq + first);
    if (signal->row->doppler_hz > 0.0) {
        fading_reset(&signal->fading, &signal->pause, BENCH_RATE_HZ, signal->row->doppler_hz);
        for (size_t i = first; i < signal->count; i++)
            signal->iq[i] *= fading_execute(&signal->fading);
    }
    impair_add_noise_iq(&signal->noise, signal->iq, signal->count, signal->sigma);
    if (signal->row->input == BENCH_FM_AUDIO)
        fm_receiver_execute(signal->receiver, signal->iq, signal->count, signal->audio);
}

bool bench_signal_next(struct bench_signal *signal, struct bench_chunk *chunk)
{
    if (!make_clean(signal))
        return false;
    *chunk = (struct bench_chunk){.count = signal->count};
    if (signal->row->input == BENCH_AUDIO)
        impair_audio(signal);
    else
        impair_radio(signal);
    if (signal->row->input == BENCH_FM_IQ) {
        chunk->iq = signal->iq;
        return true;
    }
    for (size_t i = 0; i < signal->count; i++) {
        double scaled = rint((double)signal->audio[i] * signal->level * 32768.0);
        signal->audio[i] = (float)(fmin(fmax(scaled, -32768.0), 32767.0) / 32768.0);
    }
    chunk->audio = signal->audio;
    return true;
}

void bench_signal_destroy(struct bench_signal *signal)
{
    if (!signal)
        return;
    impair_shape_destroy(signal->shape);
    fm_receiver_destroy(signal->receiver);
    free(signal);
}
