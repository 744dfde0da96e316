/* SPDX-License-Identifier: Apache-2.0 */
/* Every few milliseconds the peaks of a short spectrum, told as shares of the nominal tones (tones.h).
 * Goertzel filters at the nominal frequencies would miss tones that are off by 2 per cent, and one FFT is
 * cheaper than two filters for each of 56 tones. */
#include "tone_bank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <liquid/liquid.h>

#include "clean.h"
#include "discriminator.h"
#include "tone_memory.h"
#include "transform.h"

enum {
    CHUNK = 64,           /* of input: what the largest sample is known of */
    TAPS_PER_FACTOR = 12, /* 60 dB; passes three quarters of what the lower rate holds */
    DECIMATION_MAX = 256,
    FFT_MAX = 1024,
    WINDOW_MAX = 480,
    PEAKS_MAX = 96
};
#define MOST_RATE_HZ 192000.0
#define PAIR_RATIO   0.1F /* of powers */

struct peak {
    float hz, power;
    unsigned bin;
};

struct modem {
    const struct tone_bank *bank;
    struct discriminator *discriminator; /* NULL: fed with audio */
    firdecim_rrrf filter;                /* NULL: the rate is low enough */
    unsigned decimation, taps, filled;
    float waiting[DECIMATION_MAX];
    double inner_hz;
    unsigned window_size, fft_size, low, high;    /* bins of the band: [low, high) */
    float window[WINDOW_MAX], recent[WINDOW_MAX]; /* recent: a ring */
    float sum_to_power, tone_width;               /* see create_window */
    float power[FFT_MAX / 2];
    struct transform fft;
    uint64_t near[FFT_MAX / 2]; /* tones that a peak of that bin can be: bit t for tone t */
    uint64_t samples, frames;   /* inner samples taken, frames given */
    uint64_t next_end;          /* of the next frame's window */
    float input_peak;
    struct tone_memory memory;
    int8_t frame[2 * TONE_BANK_TONES_MAX];
};

/* Inner sample after the last one of frame n's window, which is centred on the middle of the frame. */
static uint64_t window_end(const struct modem *modem, uint64_t frame)
{
    double middle = ((double)frame + 0.5) * modem->bank->hop_s * modem->inner_hz;
    return (uint64_t)(middle + 0.5 * modem->window_size);
}

void tone_bank_reset(struct modem *modem)
{
    if (modem->discriminator)
        discriminator_reset(modem->discriminator);
    if (modem->filter)
        firdecim_rrrf_reset(modem->filter);
    modem->filled = 0;
    memset(modem->recent, 0, sizeof modem->recent);
    modem->samples = modem->frames = 0;
    modem->next_end = window_end(modem, 0);
    modem->input_peak = 0.0F;
    tone_memory_reset(&modem->memory);
}

void tone_bank_destroy(struct modem *modem)
{
    if (!modem)
        return;
    discriminator_destroy(modem->discriminator);
    if (modem->filter)
        firdecim_rrrf_destroy(modem->filter);
    transform_destroy(&modem->fft);
    free(modem);
}

static enum atalaya_result create_filter(struct modem *modem, double rate_hz)
{
    float taps[TAPS_PER_FACTOR * DECIMATION_MAX + 1], sum = 0.0F;
    modem->decimation = (unsigned)(rate_hz / modem->bank->inner_hz * 1.001); /* sound cards are not exact */
    modem->decimation = modem->decimation > 1 ? modem->decimation : 1;
    modem->inner_hz = rate_hz / modem->decimation;
    if (modem->decimation == 1)
        return ATALAYA_OK;
    modem->taps = TAPS_PER_FACTOR * modem->decimation + 1;
    (void)liquid_firdes_kaiser(modem->taps, (float)(0.5 * modem->inner_hz / rate_hz), 60.0F, 0.0F, taps);
    for (unsigned i = 0; i < modem->taps; i++)
        sum += taps[i];
    for (unsigned i = 0; i < modem->taps; i++)
        taps[i] /= sum;
    modem->filter = firdecim_rrrf_create(modem->decimation, taps, modem->taps);
    return modem->filter ? ATALAYA_OK : ATALAYA_E_MEMORY;
}

/* A peak lies within half a bin of its own; a whole one is allowed here. */
static void find_near(struct modem *modem)
{
    const double width_hz = modem->inner_hz / modem->fft_size, reach = modem->bank->reach_percent / 100.0;
    memset(modem->near, 0, sizeof modem->near);
    for (unsigned b = modem->low; b < modem->high; b++)
        for (unsigned t = 0; t < modem->bank->count; t++)
            if ((b + 1) * width_hz >= (double)modem->bank->hz[t] * (1.0 - reach) &&
                (b - 1) * width_hz <= (double)modem->bank->hz[t] * (1.0 + reach))
                modem->near[b] |= UINT64_C(1) << t;
}
_Static_assert(TONE_BANK_TONES_MAX <= 64, "a bit for each tone");

/* A sine of amplitude A gives a peak of (A/2 sum)^2 and `tone_width` times that in all bins. */
static enum atalaya_result create_window(struct modem *modem)
{
    double sum = 0.0, squares = 0.0;
    modem->window_size = (unsigned)(modem->bank->window_s * modem->inner_hz);
    modem->fft_size = modem->window_size > FFT_MAX / 4 ? FFT_MAX : FFT_MAX / 2;
    for (unsigned i = 0; i < modem->window_size; i++) {
        modem->window[i] = (float)(0.5 - 0.5 * cos(2.0 * M_PI * (i + 0.5) / modem->window_size));
        sum += (double)modem->window[i];
        squares += (double)(modem->window[i] * modem->window[i]);
    }
    modem->tone_width = (float)(modem->fft_size * squares / (sum * sum));
    modem->sum_to_power = (float)(4.0 / (sum * sum)) / modem->tone_width;
    modem->low = (unsigned)ceil(modem->bank->low_hz * modem->fft_size / modem->inner_hz);
    modem->high = (unsigned)floor(modem->bank->high_hz * modem->fft_size / modem->inner_hz);
    find_near(modem);
    if (transform_create(&modem->fft, modem->fft_size, false) != ATALAYA_OK)
        return ATALAYA_E_MEMORY;
    memset(modem->fft.in, 0, modem->fft_size * sizeof *modem->fft.in); /* beyond the window */
    return ATALAYA_OK;
}

enum atalaya_result tone_bank_create(struct modem **modem, const struct tone_bank *bank, double rate_hz,
                                     enum modem_input input)
{
    if (input == MODEM_AUDIO && !(rate_hz >= TONE_BANK_LEAST_RATE_HZ && rate_hz <= MOST_RATE_HZ))
        return ATALAYA_E_ARGUMENT;
    struct modem *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->bank = bank;
    enum atalaya_result result = ATALAYA_OK;
    if (input == MODEM_IQ)
        result = discriminator_create(&made->discriminator, rate_hz);
    if (result == ATALAYA_OK && made->discriminator)
        rate_hz = discriminator_audio_rate_hz(made->discriminator);
    if (result == ATALAYA_OK)
        result = create_filter(made, rate_hz);
    if (result == ATALAYA_OK)
        result = create_window(made);
    if (result != ATALAYA_OK) {
        tone_bank_destroy(made);
        return result;
    }
    tone_bank_reset(made);
    *modem = made;
    return ATALAYA_OK;
}

/* The top of the parabola through the logarithms of three bins: for this window true to a hundredth of a bin.
 */
static struct peak peak_at(const struct modem *modem, unsigned bin)
{
    float left = logf(modem->power[bin - 1] + 1e-30F), middle = logf(modem->power[bin] + 1e-30F),
          right = logf(modem->power[bin + 1] + 1e-30F), bend = left - 2.0F * middle + right;
    float shift = bend < 0.0F ? 0.5F * (left - right) / bend : 0.0F;
    return (struct peak){.bin = bin,
                         .hz = ((float)bin + shift) * (float)(modem->inner_hz / modem->fft_size),
                         .power = expf(middle - 0.25F * (left - right) * shift)};
}

static int8_t part(float value)
{
    return (int8_t)lrintf(within(63.5F * value, 0.0F, 127.0F));
}

/* The strongest peak within reach of each tone. */
static void tell_peaks(struct modem *modem, const struct peak *peaks, unsigned count, float total)
{
    const float reach = (float)(modem->bank->reach_percent / 100.0);
    float best[TONE_BANK_TONES_MAX] = {0};
    memset(modem->frame, 0, sizeof modem->frame);
    for (unsigned p = 0; p < count; p++)
        for (uint64_t near = modem->near[peaks[p].bin]; near; near &= near - 1) {
            unsigned t = (unsigned)__builtin_ctzll(near);
            float deviation = (peaks[p].hz / modem->bank->hz[t] - 1.0F) / reach;
            if (fabsf(deviation) > 1.0F || peaks[p].power <= best[t])
                continue;
            best[t] = peaks[p].power;
            float share = within(sqrtf(peaks[p].power * modem->tone_width / total), 0.0F, 1.0F);
            modem->frame[2 * t] = part(share * (1.0F - deviation));
            modem->frame[2 * t + 1] = part(share * (1.0F + deviation));
        }
}

/* Of the strongest peak, and of the next one where it is its equal in a pair. */
static float tones_power(const struct peak *peaks, unsigned count)
{
    float first = 0.0F, second = 0.0F;
    for (unsigned p = 0; p < count; p++) {
        second = fmaxf(second, fminf(first, peaks[p].power));
        first = fmaxf(first, peaks[p].power);
    }
    return second > PAIR_RATIO * first ? first + second : first;
}

static void give_frame(struct modem *modem, modem_sink *sink, void *context)
{
    struct peak peaks[PEAKS_MAX];
    unsigned count = 0;
    float total = 0.0F;
    const unsigned oldest = (unsigned)(modem->samples % modem->window_size),
                   newer = modem->window_size - oldest;
    for (unsigned i = 0; i < newer; i++)
        modem->fft.in[i] = modem->window[i] * modem->recent[oldest + i];
    for (unsigned i = newer; i < modem->window_size; i++)
        modem->fft.in[i] = modem->window[i] * modem->recent[i - newer];
    transform_execute(&modem->fft);
    for (unsigned b = modem->low - 1; b <= modem->high; b++) {
        float complex z = modem->fft.out[b];
        modem->power[b] = crealf(z) * crealf(z) + cimagf(z) * cimagf(z);
        total += b >= modem->low && b < modem->high ? modem->power[b] : 0.0F;
    }
    for (unsigned b = modem->low; b < modem->high && count < PEAKS_MAX; b++)
        if (modem->power[b] > modem->power[b - 1] && modem->power[b] >= modem->power[b + 1])
            peaks[count++] = peak_at(modem, b);
    if (!(total > 0.0F))
        count = 0;
    tell_peaks(modem, peaks, count, total);
    const struct tone_moment moment = {.power = total * modem->sum_to_power,
                                       .share = count ? tones_power(peaks, count) * modem->tone_width / total
                                                      : 0.0F,
                                       .peak = modem->input_peak};
    tone_memory_push(&modem->memory, &moment);
    modem->input_peak = 0.0F;
    const struct soft_run run = {.soft = modem->frame,
                                 .count = 2 * (size_t)modem->bank->count,
                                 .first_bit = modem->frames * 2 * modem->bank->count};
    modem->frames++;
    sink(context, &run);
}

static void take(struct modem *modem, float sample, modem_sink *sink, void *context)
{
    modem->recent[modem->samples % modem->window_size] = sample;
    modem->samples++;
    if (modem->samples < modem->next_end)
        return;
    give_frame(modem, sink, context);
    modem->next_end = window_end(modem, modem->frames);
}

void tone_bank_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink, void *context)
{
    float samples[CHUNK], sample;
    while (count > 0) {
        unsigned chunk = count < CHUNK ? (unsigned)count : CHUNK;
        clean_samples(audio, samples, chunk);
        for (unsigned i = 0; i < chunk; i++) {
            float size = fabsf(samples[i]);
            modem->input_peak = size > modem->input_peak ? size : modem->input_peak;
        }
        for (unsigned i = 0; i < chunk; i++) {
            if (!modem->filter) {
                take(modem, samples[i], sink, context);
                continue;
            }
            modem->waiting[modem->filled] = samples[i];
            if (++modem->filled < modem->decimation)
                continue;
            modem->filled = 0;
            firdecim_rrrf_execute(modem->filter, modem->waiting, &sample);
            take(modem, sample, sink, context);
        }
        audio += chunk;
        count -= chunk;
    }
}

void tone_bank_execute_iq(struct modem *modem, const float complex *iq, size_t count, modem_sink *sink,
                          void *context)
{
    float audio[DISCRIMINATOR_CHUNK_MAX];
    while (count > 0) {
        size_t taken, made = discriminator_execute(modem->discriminator, iq, count, audio, &taken);
        tone_bank_execute(modem, audio, made, sink, context);
        iq += taken;
        count -= taken;
    }
}

/* Audio sample of the beginning of a frame; the filter looks at each group when its first sample has come. */
static double audio_time(const struct modem *modem, uint64_t frame)
{
    double inner = (double)frame * modem->bank->hop_s * modem->inner_hz;
    return inner * modem->decimation - (modem->filter ? 0.5 * (modem->taps - 1) : 0.0);
}

enum atalaya_result tone_bank_measure(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                      uint64_t end_bit, struct burst_figures *figures)
{
    if (branch > 0 || first_bit >= end_bit)
        return ATALAYA_E_ARGUMENT;
    const unsigned frame = 2 * modem->bank->count;
    uint64_t first = first_bit / frame, end = (end_bit + frame - 1) / frame;
    enum atalaya_result result = tone_memory_measure(&modem->memory, first, end, figures);
    if (result != ATALAYA_OK)
        return result;
    figures->first_sample = audio_time(modem, first);
    figures->end_sample = audio_time(modem, end);
    if (!modem->discriminator)
        return ATALAYA_OK;
    struct discriminator_figures heard;
    discriminator_measure(modem->discriminator, figures->first_sample, figures->end_sample, &heard);
    figures->offset_hz = heard.offset_hz;
    figures->level_dbfs = heard.level_dbfs;
    figures->peak = heard.peak;
    figures->first_sample = discriminator_input_time(modem->discriminator, figures->first_sample);
    figures->end_sample = discriminator_input_time(modem->discriminator, figures->end_sample);
    return ATALAYA_OK;
}
