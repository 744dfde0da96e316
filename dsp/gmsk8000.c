/* SPDX-License-Identifier: Apache-2.0 */
/* The modem "gmsk8000": input -> window -> carrier and timing of a block (gmsk_sync.c) -> its bits
 * (gmsk_detect.c). Audio of a discriminator goes its own way (gmsk_audio.c). */
#include "gmsk8000.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/modem.h"
#include "clean.h"
#include "gate.h"
#include "gmsk_audio.h"
#include "gmsk_detect.h"
#include "gmsk_pulse.h"

#define LATE_RATE   0.3    /* of a block's lateness that is made good at once */
#define LATE_JUMP   0.25   /* bits: a bit clock that far off belongs to somebody else */
#define TURN_JUMP   0.03   /* radians a bit: 38 Hz */
#define TURN_MOST   2.6    /* radians a bit: 3.3 kHz */
#define OWN_NOISE   0.0085 /* what the linear form leaves of a signal without noise, measured */
#define LEAST_NOISE 0.0005
#define PHASE_JUMP  (M_PI / 4.0) /* the quadrature is where the bits are */

enum { BLOCKS = 1 << 12 /* remembered: 80 s */ };

/* What is known of a block afterwards. */
struct gmsk_memory {
    double first_sample; /* where its first bit begins */
    float power, noise, turn, peak;
};

struct modem {
    double rate_hz, samples_a_bit;
    struct gmsk_window window;
    struct gmsk_filter matched;
    struct gmsk_sync *sync;
    struct gmsk_audio *audio; /* NULL: it is fed with the radio channel */
    struct gate *gate;        /* of audio */
    double left_out;          /* samples that the gate left out, less the blocks put out for them */
    struct gmsk_place place;
    uint64_t blocks; /* put out */
    float peak;
    struct gmsk_memory memory[BLOCKS];
};

/* A transmission has seconds, and frames in all of them. 150 Hz: flags of AX.25. */
static const struct gate_settings gate = {.watch = {.middle_hz = 0.5 * GMSK_BIT_RATE,
                                                    .band_hz = 1500.0,
                                                    .line_hz = 0.0,
                                                    .rate_hz = 3000.0,
                                                    .window_s = 0.25,
                                                    .reach_hz = 2.0,
                                                    .bins = 3,
                                                    .comb_hz = 150.0,
                                                    .threshold = 7.0F},
                                          .look_back_s = 0.6,
                                          .hold_s = 0.5};

static double pulse(double t)
{
    return gmsk_pulse(t);
}

static void gmsk_destroy(struct modem *modem)
{
    if (!modem)
        return;
    gmsk_sync_destroy(modem->sync);
    gate_destroy(modem->gate);
    free(modem->audio);
    free(modem);
}

static void gmsk_reset(struct modem *modem)
{
    memset(&modem->window, 0, sizeof modem->window);
    if (modem->audio) {
        gmsk_audio_reset(modem->audio);
        gate_reset(modem->gate);
    }
    modem->left_out = 0.0;
    modem->place = (struct gmsk_place){.at = modem->samples_a_bit};
    modem->blocks = 0;
    modem->peak = 0.0F;
}

static enum atalaya_result gmsk_create(struct modem **modem, double rate_hz, enum modem_input input)
{
    double most_hz = input == MODEM_AUDIO ? GMSK_AUDIO_MOST_RATE_HZ : GMSK8000_MOST_RATE_HZ;
    if (!(rate_hz >= GMSK8000_LEAST_RATE_HZ && rate_hz <= most_hz))
        return ATALAYA_E_ARGUMENT;
    struct modem *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->rate_hz = rate_hz;
    made->samples_a_bit = rate_hz / GMSK_BIT_RATE;
    bool is_audio = input == MODEM_AUDIO;
    made->audio = is_audio ? calloc(1, sizeof *made->audio) : NULL;
    if (is_audio ? !made->audio || gate_create(&made->gate, &gate, rate_hz) != ATALAYA_OK
                 : gmsk_sync_create(&made->sync, made->samples_a_bit) != ATALAYA_OK) {
        gmsk_destroy(made);
        return ATALAYA_E_MEMORY;
    }
    if (made->audio)
        gmsk_audio_init(made->audio, rate_hz);
    gmsk_filter_init(&made->matched, made->samples_a_bit, GMSK_REACH, pulse, 1);
    gmsk_reset(made);
    *modem = made;
    return ATALAYA_OK;
}

static double wrap(double value, double period)
{
    return value - period * floor(value / period + 0.5);
}

/* Where the estimate says the block is: the same bits, another carrier. */
static struct gmsk_place place_from(const struct modem *modem, const struct gmsk_estimate *estimate,
                                    double middle)
{
    struct gmsk_place place = modem->place;
    double bits = (middle - place.at) / modem->samples_a_bit + estimate->late; /* to a pulse's middle */
    double to = floor(bits + 0.5);
    place.at += wrap(bits, 1.0) * modem->samples_a_bit;
    place.turn = estimate->turn;
    /* At that pulse the phase is the estimate's, and each bit before it a quarter turn (derotated in
     * gmsk_detect) and `turn` less. */
    place.phase = estimate->phase + estimate->turn * estimate->late - estimate->turn * to + 0.5 * M_PI * to;
    return place;
}

/* Corrects the place by the estimate, softly while they agree. */
static void place_correct(struct modem *modem, const struct gmsk_estimate *estimate, double middle)
{
    const struct gmsk_place found = place_from(modem, estimate, middle);
    struct gmsk_place *place = &modem->place;
    double late = (found.at - place->at) / modem->samples_a_bit;
    double centre = 0.5 * GMSK_BLOCK;
    double phase = wrap(found.phase - place->phase + centre * (found.turn - place->turn), M_PI);
    bool off =
        fabs(late) > LATE_JUMP || fabs(found.turn - place->turn) > TURN_JUMP || fabs(phase) > PHASE_JUMP;
    if (off) {
        *place = found;
        return;
    }
    place->at += LATE_RATE * late * modem->samples_a_bit;
}

static void block_remember(struct modem *modem, const struct gmsk_place *place,
                           const struct gmsk_block *block)
{
    struct gmsk_memory *memory = &modem->memory[modem->blocks % BLOCKS];
    memory->first_sample = place->at - modem->samples_a_bit;
    memory->power = block->level * block->level;
    memory->noise = block->noise;
    memory->turn = (float)block->turn;
    memory->peak = modem->peak;
    modem->peak = 0.0F;
}

static void block_give(struct modem *modem, const int8_t soft[GMSK_BLOCK], modem_sink *sink, void *context)
{
    const struct soft_run run = {.soft = soft, .count = GMSK_BLOCK, .first_bit = modem->blocks * GMSK_BLOCK};
    modem->blocks++;
    sink(context, &run);
}

static void block_quantise(const struct gmsk_block *block, int8_t soft[GMSK_BLOCK])
{
    for (unsigned k = 0; k < GMSK_BLOCK; k++) {
        float value = 48.0F * block->soft[k];
        value = value > 127.0F ? 127.0F : value < -127.0F ? -127.0F : value;
        soft[k] = (int8_t)(value < 0.0F ? value - 0.5F : value + 0.5F);
    }
}

/* All blocks that are complete in the window. */
static void blocks_execute(struct modem *modem, modem_sink *sink, void *context)
{
    for (;;) {
        const double span = modem->samples_a_bit;
        double middle = modem->place.at + 0.5 * GMSK_BLOCK * span;
        double needed = middle + (0.5 * GMSK_SYNC_BITS + 8) * span;
        if ((double)modem->window.total < needed)
            return;
        struct gmsk_estimate estimate;
        struct gmsk_block block;
        struct gmsk_place after;
        int8_t soft[GMSK_BLOCK];
        gmsk_sync_execute(modem->sync, &modem->window, middle, &estimate);
        if (estimate.sure)
            place_correct(modem, &estimate, middle);
        gmsk_detect(&modem->window, &modem->matched, span, &modem->place, &block, &after);
        block_remember(modem, &modem->place, &block);
        block_quantise(&block, soft);
        block_give(modem, soft, sink, context);
        after.phase = wrap(after.phase, 2.0 * M_PI);
        after.turn = fabs(after.turn) < TURN_MOST ? after.turn : 0.0;
        modem->place = after;
    }
}

static void gmsk_execute_iq(struct modem *modem, const float complex *iq, size_t count, modem_sink *sink,
                            void *context)
{
    for (size_t i = 0; i < count && modem->sync; i++) {
        float complex sample;
        clean_samples((const float *)&iq[i], (float *)&sample, 2);
        float re = crealf(sample), im = cimagf(sample);
        float peak = fabsf(re) > fabsf(im) ? fabsf(re) : fabsf(im);
        modem->peak = peak > modem->peak ? peak : modem->peak;
        gmsk_window_push(&modem->window, sample);
        if (modem->window.total % 64 == 0)
            blocks_execute(modem, sink, context);
    }
}

/* Only the clock is known of what came through a discriminator. */
static void audio_block_give(struct modem *modem, const int8_t soft[GMSK_BLOCK], double first_sample,
                             modem_sink *sink, void *context)
{
    modem->memory[modem->blocks % BLOCKS] =
        (struct gmsk_memory){first_sample, .power = NAN, .noise = NAN, .turn = NAN, .peak = modem->peak};
    modem->peak = 0.0F;
    block_give(modem, soft, sink, context);
}

static void audio_blocks_execute(struct modem *modem, modem_sink *sink, void *context)
{
    int8_t soft[GMSK_BLOCK];
    double first_sample;
    while (gmsk_audio_take(modem->audio, soft, &first_sample))
        audio_block_give(modem, soft, gate_input_time(modem->gate, first_sample), sink, context);
}

/* What the gate leaves out becomes erased bits: who listens may wait for something. */
static void audio_skip(struct modem *modem, modem_sink *sink, void *context)
{
    static const int8_t erased[GMSK_BLOCK];
    const double block = GMSK_BLOCK * modem->samples_a_bit;
    for (modem->left_out += (double)gate_skip(modem->gate); modem->left_out >= block;
         modem->left_out -= block)
        audio_block_give(modem, erased, (double)modem->gate->next - modem->left_out, sink, context);
}

static void gmsk_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink,
                         void *context)
{
    while (count > 0 && modem->audio) {
        unsigned chunk = count < GATE_CHUNK_MAX ? (unsigned)count : GATE_CHUNK_MAX, taken;
        const float *samples;
        gate_push(modem->gate, audio, chunk);
        audio_skip(modem, sink, context);
        while ((taken = gate_take(modem->gate, &samples)) > 0) {
            for (unsigned i = 0; i < taken; i++)
                modem->peak = fabsf(samples[i]) > modem->peak ? fabsf(samples[i]) : modem->peak;
            gmsk_audio_push(modem->audio, samples, taken);
            audio_blocks_execute(modem, sink, context);
        }
        audio += chunk;
        count -= chunk;
    }
}

static enum atalaya_result gmsk_measure(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                        uint64_t end_bit, struct burst_figures *figures)
{
    if (branch > 0 || first_bit >= end_bit)
        return ATALAYA_E_ARGUMENT;
    uint64_t first = first_bit / GMSK_BLOCK, last = (end_bit - 1) / GMSK_BLOCK;
    uint64_t oldest = modem->blocks > BLOCKS ? modem->blocks - BLOCKS : 0;
    if (last >= modem->blocks || last < oldest)
        return ATALAYA_E_RANGE;
    first = first > oldest ? first : oldest; /* its end speaks for a long transmission */
    double power = 0.0, noise = 0.0, turn = 0.0, count = (double)(last - first + 1);
    figures->peak = 0.0F;
    for (uint64_t n = first; n <= last; n++) {
        const struct gmsk_memory *memory = &modem->memory[n % BLOCKS];
        power += (double)memory->power / count;
        noise += (double)memory->noise / count;
        turn += (double)memory->turn / count;
        figures->peak = memory->peak > figures->peak ? memory->peak : figures->peak;
    }
    const struct gmsk_memory *from = &modem->memory[first % BLOCKS], *to = &modem->memory[last % BLOCKS];
    double before = (double)first_bit - (double)first * GMSK_BLOCK;
    figures->first_sample = from->first_sample + before * modem->samples_a_bit;
    figures->end_sample = to->first_sample + (double)(end_bit - last * GMSK_BLOCK) * modem->samples_a_bit;
    figures->level_dbfs = (float)(10.0 * log10(power + 1e-20));
    /* Along the bits lies half of N0. */
    double left = noise - OWN_NOISE;
    figures->snr_db = (float)(-10.0 * log10(2.0 * (left < LEAST_NOISE ? LEAST_NOISE : left)));
    figures->deviation_hz = NAN; /* all have the same */
    figures->offset_hz = (float)(turn * GMSK_BIT_RATE / (2.0 * M_PI));
    return ATALAYA_OK;
}

const struct modem_class modem_gmsk8000 = {
    .branches = 1,
    .scrambler = SCRAMBLER_NONE,
    .least_rate_hz = GMSK8000_LEAST_RATE_HZ,
    .create = gmsk_create,
    .execute = gmsk_execute,
    .execute_iq = gmsk_execute_iq,
    .reset = gmsk_reset,
    .destroy = gmsk_destroy,
    .measure = gmsk_measure,
    .modulate = gmsk8000_modulate,
    .modulate_iq = gmsk8000_modulate_iq,
    .modulate_length = gmsk8000_modulate_length,
};
