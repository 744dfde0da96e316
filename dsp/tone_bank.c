/* SPDX-License-Identifier: Apache-2.0 */
/* Every few milliseconds the peaks of a short spectrum, told as shares of the nominal tones (tones.h).
 * Goertzel filters at the nominal frequencies would miss tones that are off by 2 per cent, and one FFT is
 * cheaper than two filters for each of 56 tones. */
#include "tone_bank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio_decimator.h"
#include "clean.h"
#include "tone_memory.h"
#include "transform.h"
#include "wide.h"

enum {
    CHUNK = 64, /* of input: what the largest sample is known of */
    FFT_MAX = 1024,
    WINDOW_MAX = 480,
    PEAKS_MAX = 96
};
#define MOST_RATE_HZ 192000.0
#define LEAST_POWER  1e-30F
#define PAIR_RATIO   0.1F /* of powers */
#define CUT          0.5  /* of the lower rate, of which three quarters pass */
#define TRANSITION   0.3
/* Of all that comes in, DC, hum and what lies above the lower rate included, so much stays in the band, where
 * a pause has nothing else. It must not look like a tone of its own. */
#define LEFT      1e-5F
#define LEFT_RATE 0.05F /* a chunk: 27 ms at 48 kHz */

/* The peaks of a spectrum; room for a vector more. */
struct peaks {
    unsigned count, bin[PEAKS_MAX + WIDE];
    float hz[PEAKS_MAX + WIDE], power[PEAKS_MAX + WIDE];
};

/* The tones that something may be: from the first one up to `end`. */
struct reach {
    uint8_t first, end;
};

struct modem {
    const struct tone_bank *bank;
    struct audio_decimator filter;
    double inner_hz;
    unsigned window_size, fft_size, low, high;    /* bins of the band: [low, high) */
    float window[WINDOW_MAX], recent[WINDOW_MAX]; /* recent: a ring */
    unsigned oldest;                              /* place in it */
    float sum_to_power, tone_width;               /* see create_window */
    float power[FFT_MAX / 2], level[FFT_MAX / 2]; /* of a bin; its logarithm */
    struct transform fft;
    struct reach near[FFT_MAX / 2]; /* of a peak of that bin */
    float hz[TONE_BANK_TONES_MAX + WIDE], per_reach[TONE_BANK_TONES_MAX + WIDE];
    uint64_t samples, frames;      /* inner samples taken, frames given */
    uint64_t next_end;             /* of the next frame's window */
    float input_peak, input_power; /* since the last frame; running mean of the squares */
    struct peaks peaks;
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
    audio_decimator_reset(&modem->filter);
    memset(modem->recent, 0, sizeof modem->recent);
    modem->samples = modem->frames = 0;
    modem->oldest = 0;
    modem->next_end = window_end(modem, 0);
    modem->input_peak = modem->input_power = 0.0F;
    tone_memory_reset(&modem->memory);
}

void tone_bank_destroy(struct modem *modem)
{
    if (!modem)
        return;
    transform_destroy(&modem->fft);
    free(modem);
}

static void create_filter(struct modem *modem, double rate_hz)
{
    const double inner_hz = modem->bank->inner_hz;
    audio_decimator_init(&modem->filter, rate_hz, inner_hz, CUT * inner_hz, TRANSITION * inner_hz);
    modem->inner_hz = rate_hz / modem->filter.decimation;
}

/* A peak lies within half a bin of its own; a whole one is allowed here. */
static void find_near(struct modem *modem)
{
    const double width_hz = modem->inner_hz / modem->fft_size, reach = modem->bank->reach_percent / 100.0;
    memset(modem->near, 0, sizeof modem->near);
    for (unsigned t = 0; t < modem->bank->count; t++) {
        modem->hz[t] = modem->bank->hz[t];
        modem->per_reach[t] = (float)(1.0 / ((double)modem->bank->hz[t] * reach));
    }
    for (unsigned b = modem->low; b < modem->high; b++)
        for (unsigned t = 0; t < modem->bank->count; t++)
            if ((b + 1) * width_hz >= (double)modem->bank->hz[t] * (1.0 - reach) &&
                (b - 1) * width_hz <= (double)modem->bank->hz[t] * (1.0 + reach)) {
                struct reach *near = &modem->near[b];
                near->first = near->end ? near->first : (uint8_t)t;
                near->end = (uint8_t)(t + 1);
            }
}

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
    return transform_create_real(&modem->fft, modem->fft_size); /* zeros beyond the window */
}

enum atalaya_result tone_bank_create(struct modem **modem, const struct tone_bank *bank, double rate_hz,
                                     enum modem_input input)
{
    if (input != MODEM_AUDIO)
        return ATALAYA_E_UNSUPPORTED;
    if (!(rate_hz >= TONE_BANK_LEAST_RATE_HZ && rate_hz <= MOST_RATE_HZ))
        return ATALAYA_E_ARGUMENT;
    struct modem *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->bank = bank;
    create_filter(made, rate_hz);
    enum atalaya_result result = create_window(made);
    if (result != ATALAYA_OK) {
        tone_bank_destroy(made);
        return result;
    }
    tone_bank_reset(made);
    *modem = made;
    return ATALAYA_OK;
}

/* Of the parabolas through the logarithms of three bins the tops: for this window true to a hundredth of a
 * bin. */
static void tops_find(struct modem *modem, struct peaks *peaks)
{
    const float *level = modem->level, bin_hz = (float)(modem->inner_hz / modem->fft_size);
    for (unsigned p = 0; p < peaks->count; p += WIDE) {
        const unsigned *bin = peaks->bin + p;
        const wide nothing = {0.0F};
        wide left = {level[bin[0] - 1], level[bin[1] - 1], level[bin[2] - 1], level[bin[3] - 1]};
        wide middle = {level[bin[0]], level[bin[1]], level[bin[2]], level[bin[3]]};
        wide right = {level[bin[0] + 1], level[bin[1] + 1], level[bin[2] + 1], level[bin[3] + 1]};
        wide at = {(float)bin[0], (float)bin[1], (float)bin[2], (float)bin[3]};
        wide power = {modem->power[bin[0]], modem->power[bin[1]], modem->power[bin[2]], modem->power[bin[3]]};
        wide lean = left - right, bend = left - 2.0F * middle + right;
        wide shift = wide_choose(bend < nothing, 0.5F * lean / bend, nothing);
        wide_store(peaks->hz + p, (at + shift) * bin_hz);
        wide_store(peaks->power + p, power * wide_exp(-0.25F * lean * shift));
    }
}

static void peaks_find(struct modem *modem, struct peaks *peaks)
{
    const float *power = modem->power;
    unsigned count = 0;
    for (unsigned b = modem->low; b < modem->high && count < PEAKS_MAX; b++) {
        peaks->bin[count] = b; /* kept or overwritten: which of both cannot be foretold, so no branch */
        count += (power[b] > power[b - 1]) & (power[b] >= power[b + 1]);
    }
    peaks->count = count;
    for (unsigned i = 0; i < WIDE; i++)
        peaks->bin[count + i] = modem->low;
    tops_find(modem, peaks);
}

/* The strongest peak within reach of each tone; four tones at once. */
static void tell_peaks(struct modem *modem, const struct peaks *peaks, float total)
{
    float best[TONE_BANK_TONES_MAX + WIDE] = {0}, deviation[TONE_BANK_TONES_MAX + WIDE] = {0};
    const float whole = total > 0.0F ? modem->tone_width / total : 0.0F;
    const wide nothing = {0.0F};
    for (unsigned p = 0; p < peaks->count; p++) {
        const struct reach near = modem->near[peaks->bin[p]];
        const wide power = nothing + peaks->power[p];
        for (unsigned t = near.first; t < near.end; t += WIDE) {
            wide away = (peaks->hz[p] - wide_load(modem->hz + t)) * wide_load(modem->per_reach + t);
            wide_int better = (power > wide_load(best + t)) & (away >= -1.0F) & (away <= 1.0F);
            wide_store(best + t, wide_choose(better, power, wide_load(best + t)));
            wide_store(deviation + t, wide_choose(better, away, wide_load(deviation + t)));
        }
    }
    for (unsigned t = 0; t < modem->bank->count; t++) {
        float share = 63.5F * sqrtf(within(best[t] * whole, 0.0F, 1.0F)), off = share * deviation[t];
        modem->frame[2 * t] = (int8_t)(int)(share - off + 0.5F);
        modem->frame[2 * t + 1] = (int8_t)(int)(share + off + 0.5F);
    }
}

/* Of the strongest peak, and of the next one where it is its equal in a pair. */
static float tones_power(const struct peaks *peaks)
{
    float first = 0.0F, second = 0.0F;
    for (unsigned p = 0; p < peaks->count; p++) {
        const float power = peaks->power[p], lesser = power < first ? power : first;
        second = lesser > second ? lesser : second;
        first = power > first ? power : first;
    }
    return second > PAIR_RATIO * first ? first + second : first;
}

/* The spectrum of the window that ends now: powers, and their sum within the band. */
static float spectrum_find(struct modem *modem)
{
    const unsigned oldest = modem->oldest, newer = modem->window_size - oldest;
    const float complex *out = modem->fft.out;
    wide sum = {0.0F};
    float total = 0.0F;
    for (unsigned i = 0; i < newer; i++)
        modem->fft.real[i] = modem->window[i] * modem->recent[oldest + i];
    for (unsigned i = 0; i < oldest; i++)
        modem->fft.real[newer + i] = modem->window[newer + i] * modem->recent[i];
    transform_execute(&modem->fft);
    for (unsigned b = modem->low - 1; b <= modem->high; b++)
        modem->power[b] = crealf(out[b]) * crealf(out[b]) + cimagf(out[b]) * cimagf(out[b]);
    unsigned whole = modem->low + (modem->high - modem->low) / WIDE * WIDE;
    for (unsigned b = modem->low; b < whole; b += WIDE)
        sum += wide_load(modem->power + b);
    total = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    for (unsigned b = whole; b < modem->high; b++)
        total += modem->power[b];
    for (unsigned b = (modem->low - 1) / WIDE * WIDE; b <= modem->high; b += WIDE)
        wide_store(modem->level + b, wide_log(wide_load(modem->power + b) + LEAST_POWER));
    return total;
}

static void give_frame(struct modem *modem, modem_sink *sink, void *context)
{
    struct peaks *peaks = &modem->peaks;
    const float heard = spectrum_find(modem);
    const float total = heard + 2.0F * LEFT * modem->input_power / modem->sum_to_power;
    peaks->count = 0;
    if (total > 0.0F)
        peaks_find(modem, peaks);
    tell_peaks(modem, peaks, total);
    const struct tone_moment moment = {.power = heard * modem->sum_to_power,
                                       .share = total > 0.0F ? tones_power(peaks) * modem->tone_width / total
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
    modem->recent[modem->oldest++] = sample;
    modem->oldest = modem->oldest < modem->window_size ? modem->oldest : 0;
    modem->samples++;
    if (modem->samples < modem->next_end)
        return;
    give_frame(modem, sink, context);
    modem->next_end = window_end(modem, modem->frames);
}

static float mean_square(const float *samples, unsigned count)
{
    wide sum = {0.0F};
    float rest = 0.0F;
    unsigned i = 0;
    for (; i + WIDE <= count; i += WIDE)
        sum += wide_load(samples + i) * wide_load(samples + i);
    for (; i < count; i++)
        rest += samples[i] * samples[i];
    return (wide_sum(sum) + rest) / (float)count;
}

void tone_bank_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink, void *context)
{
    float samples[CHUNK];
    while (count > 0) {
        unsigned chunk = count < CHUNK ? (unsigned)count : CHUNK;
        clean_samples(audio, samples, chunk);
        const float peak = wide_peak(samples, chunk);
        modem->input_peak = peak > modem->input_peak ? peak : modem->input_peak;
        modem->input_power += LEFT_RATE * (mean_square(samples, chunk) - modem->input_power);
        unsigned made = audio_decimator_execute(&modem->filter, samples, chunk, samples);
        for (unsigned i = 0; i < made; i++)
            take(modem, samples[i], sink, context);
        audio += chunk;
        count -= chunk;
    }
}

/* Audio sample of the beginning of a frame. */
static double audio_time(const struct modem *modem, uint64_t frame)
{
    double inner = (double)frame * modem->bank->hop_s * modem->inner_hz;
    return inner * modem->filter.decimation - modem->filter.lag;
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
    return ATALAYA_OK;
}
