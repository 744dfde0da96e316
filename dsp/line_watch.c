/* SPDX-License-Identifier: Apache-2.0 */
#include "line_watch.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kaiser.h"
#include "wide.h"

enum { TAPS_MAX = 421, HOPS = LINE_WATCH_HOPS };
#define STOP_DB       30.0F
#define QUIET         1e-30F
#define BELOW_RATE_HZ 4800.0
#define BELOW_GAIN    1.75 /* from 1200 to 2200 Hz: 1.6 to 1.9 */
#define LINE_MOST     8.0F
#define FAINT         0.7F  /* of the threshold: enough to be taken for going on */
#define FAINT_ONE     0.5F  /* the same where there is one line only */
#define OFF           7.6F  /* enough where lines seldom are */
#define COMB_LEAST    0.5F  /* of a line, that both its neighbours have where it is one of a comb, */
#define COMB_SURE     5.0F  /* and over what is around: 4 in 100 of noise have as much */
#define PURE          0.4F  /* of what a line without anything around it has */
#define STANDS_OUT    5.0F  /* of the lower of two lines, that it may be much the weaker one */
#define UNEVEN        16.0F /* energies of two parts of a window: 6 dB of power. Noise alone never is */

static float power_of(float complex z)
{
    return crealf(z) * crealf(z) + cimagf(z) * cimagf(z);
}

/* What is below the band: the differences of sums of a few samples have the tones of voice channels as they
 * are, but not what is steady, hum, or the noise above. */
static void below_init(struct line_watch *watch, const float *taps, unsigned count, double rate_hz)
{
    struct line_watch_below *below = &watch->below;
    double gain = 0.0;
    for (unsigned i = 0; i < count; i++)
        gain += (double)taps[i];
    below->length = (unsigned)(rate_hz / BELOW_RATE_HZ);
    /* A real signal's power is half of it in the middle; and each counts its own samples. */
    below->scale = (float)(0.5 * gain * gain / (BELOW_GAIN * below->length * watch->band.decimation));
}

/* Audio, and what the filter has made of it. */
static void below_execute(struct line_watch *watch, const float *audio, unsigned count,
                          const float complex *band, unsigned made)
{
    struct line_watch_below *below = &watch->below;
    const unsigned part = watch->next / watch->hop;
    float power = 0.0F;
    for (unsigned i = 0; i < made; i++)
        below->band[part] += power_of(band[i]);
    for (unsigned i = 0; i < count;) {
        unsigned end = i + below->length - below->filled;
        end = end < count ? end : count;
        below->filled += end - i;
        for (; i < end; i++)
            below->sum += audio[i];
        if (below->filled < below->length)
            break;
        const float step = below->sum - below->last;
        power += step * step;
        below->last = below->sum;
        below->sum = 0.0F;
        below->filled = 0;
    }
    below->power[part] += power * below->scale;
}

static void design_band(struct line_watch *watch, double rate_hz)
{
    const struct line_watch_settings *settings = watch->settings;
    float taps[TAPS_MAX];
    unsigned decimation = rate_hz < settings->rate_hz ? 1 : (unsigned)(rate_hz / settings->rate_hz);
    const double length_s = settings->pulse_s > 0.0 ? settings->pulse_s : 1.0 / settings->band_hz;
    unsigned count = 2 * (unsigned)(0.5 * rate_hz * length_s) + 1;
    count = count < TAPS_MAX ? count : TAPS_MAX;
    if (settings->pulse_s > 0.0)
        for (unsigned i = 0; i < count; i++)
            taps[i] = (float)sin(M_PI * (i + 1) / (count + 1));
    else
        kaiser_lowpass(taps, count, settings->band_hz / rate_hz, STOP_DB);
    mixing_decimator_init(&watch->band, taps, count, decimation, 2.0 * M_PI * settings->middle_hz / rate_hz);
    below_init(watch, taps, count, rate_hz);
}

/* The places tried for a line, by their distance from it. */
static double place_hz(const struct line_watch_settings *settings, unsigned bin)
{
    return settings->reach_hz * (2.0 * bin / (settings->bins - 1) - 1.0);
}

/* Moves the places around a line to 0 in a sum that comes `sums` after the first. */
static void set_turns(const struct line_watch *watch, double line_hz, unsigned sums,
                      struct line_watch_places *turns)
{
    for (unsigned bin = 0; bin < watch->settings->bins; bin++) {
        double angle = -2.0 * M_PI * (line_hz + place_hz(watch->settings, bin)) * watch->block_s * sums;
        turns->re[bin] = (float)cos(angle);
        turns->im[bin] = (float)sin(angle);
    }
}

void line_watch_init(struct line_watch *watch, const struct line_watch_settings *settings, double rate_hz)
{
    memset(watch, 0, sizeof *watch);
    watch->settings = settings;
    design_band(watch, rate_hz);
    watch->block_s = LINE_WATCH_BLOCK * watch->band.decimation / rate_hz;
    watch->window = (unsigned)(settings->window_s / watch->block_s);
    watch->window = watch->window < LINE_WATCH_WINDOW ? watch->window / HOPS * HOPS : LINE_WATCH_WINDOW;
    watch->hop = watch->window / HOPS;
    watch->bins = (settings->bins + WIDE - 1) / WIDE * WIDE;
    for (int line = 0; line < 2; line++) {
        double line_hz = line ? -settings->line_hz : settings->line_hz;
        for (unsigned i = 0; i < LINE_WATCH_BLOCK; i++)
            watch->turn[line][i] = (float complex)cexp(-(double complex)_Complex_I * 2.0 * M_PI * line_hz *
                                                       i * watch->block_s / LINE_WATCH_BLOCK);
        for (unsigned j = 0; j < watch->hop; j++)
            set_turns(watch, line_hz, j, &watch->bin[line][j]);
        set_turns(watch, line_hz, watch->hop, &watch->hop_turn[line]);
    }
    line_watch_reset(watch);
}

void line_watch_reset(struct line_watch *watch)
{
    mixing_decimator_reset(&watch->band);
    memset(watch->sum, 0, sizeof watch->sum);
    memset(watch->part, 0, sizeof watch->part);
    memset(watch->energy, 0, sizeof watch->energy);
    memset(watch->past, 0, sizeof watch->past);
    watch->below.filled = 0;
    watch->below.sum = watch->below.last = 0.0F;
    memset(watch->below.power, 0, sizeof watch->below.power);
    memset(watch->below.band, 0, sizeof watch->below.band);
    watch->filled = watch->since = watch->next = watch->judged = 0;
}

/* A sum becomes part of the spectrum of its part of the window: in three windows to come nothing of that need
 * be done again. */
static void part_add(struct line_watch *watch, int line, float complex sum)
{
    const unsigned j = watch->next % watch->hop, at = watch->next / watch->hop;
    const struct line_watch_places *turn = &watch->bin[line][j];
    struct line_watch_places *part = &watch->part[line][at];
    const float a = crealf(sum), b = cimagf(sum);
    if (j == 0) {
        memset(part, 0, sizeof *part);
        watch->energy[line][at] = 0.0F;
        watch->below.power[at] = watch->below.band[at] = 0.0F;
    }
    watch->energy[line][at] += power_of(sum);
    for (unsigned bin = 0; bin < watch->bins; bin += WIDE) {
        const wide re = wide_load(turn->re + bin), im = wide_load(turn->im + bin);
        wide_store(part->re + bin, wide_load(part->re + bin) + (a * re - b * im));
        wide_store(part->im + bin, wide_load(part->im + bin) + (a * im + b * re));
    }
}

/* Power at the places of the window's spectrum, and that of all its sums. The newest part has just been
 * completed; the oldest comes next. */
static float powers_find(const struct line_watch *watch, int line, float power[LINE_WATCH_BINS])
{
    const unsigned oldest = watch->next / watch->hop;
    const struct line_watch_places *turn = &watch->hop_turn[line];
    float energy = QUIET;
    for (unsigned h = 0; h < HOPS; h++)
        energy += watch->energy[line][h] * watch->weight[h] * watch->weight[h];
    for (unsigned bin = 0; bin < watch->bins; bin += WIDE) {
        const wide turn_re = wide_load(turn->re + bin), turn_im = wide_load(turn->im + bin);
        wide re = {0.0F}, im = {0.0F};
        for (unsigned h = HOPS; h-- > 0;) {
            const unsigned at = (oldest + h) % HOPS;
            const struct line_watch_places *part = &watch->part[line][at];
            const wide turned = re * turn_re - im * turn_im;
            im = re * turn_im + im * turn_re + watch->weight[at] * wide_load(part->im + bin);
            re = turned + watch->weight[at] * wide_load(part->re + bin);
        }
        wide_store(power + bin, re * re + im * im);
    }
    return energy;
}

/* The lines at one of the places tried: power, and that in units of what the sums around have on average. */
struct lines {
    unsigned place;
    float power[2], size[2], score;
};

/* The steady tone of somebody else's flags is one line, however strong, and has weak ones all over: what
 * counts of a line is limited. */
static float score_of(const struct lines *lines, bool pair)
{
    return pair ? 0.5F * (fminf(lines->size[0], LINE_MOST) + fminf(lines->size[1], LINE_MOST))
                : lines->size[0];
}

/* Senders keep their tones: lines that are off are more often another waveform's. */
static bool is_usual(const struct line_watch *watch, unsigned bin)
{
    const double usual_hz = watch->settings->usual_hz;
    return !(usual_hz > 0.0 && fabs(place_hz(watch->settings, bin)) > usual_hz);
}

/* What lasts for two windows may be weaker in each: in units of the threshold for one. */
static float score_lasting(struct line_watch *watch, unsigned bin, float score)
{
    float *past = &watch->past[watch->judged % HOPS][bin];
    float both = 0.5F * (score + *past) * watch->settings->threshold / watch->settings->lasting;
    *past = score;
    return both > score && is_usual(watch, bin) ? both : score;
}

static struct lines find_lines(struct line_watch *watch, bool lasting)
{
    const bool pair = watch->settings->line_hz > 0.0;
    float energy[2], power[2][LINE_WATCH_BINS];
    struct lines best = {.score = -1.0F};
    for (int line = 0; line <= pair; line++)
        energy[line] = powers_find(watch, line, power[line]);
    for (unsigned bin = 0; bin < watch->settings->bins; bin++) {
        struct lines here = {.place = bin};
        for (int line = 0; line <= pair; line++) {
            here.power[line] = power[line][bin];
            here.size[line] = here.power[line] / energy[line];
        }
        here.score = score_of(&here, pair);
        if (watch->settings->lasting > 0.0F && lasting)
            here.score = score_lasting(watch, bin, here.score);
        if (watch->settings->unusual > 0.0F && !is_usual(watch, bin))
            here.score *= watch->settings->threshold / watch->settings->unusual;
        best = here.score > best.score ? here : best;
    }
    return best;
}

/* Power at a single place. */
static float power_at(const struct line_watch *watch, int line, double away_hz)
{
    const double line_hz = line ? -watch->settings->line_hz : watch->settings->line_hz;
    float complex sum = 0.0F, turn = 1.0F;
    const float complex step =
        (float complex)cexp(-(double complex)_Complex_I * 2.0 * M_PI * (line_hz + away_hz) * watch->block_s);
    unsigned at = watch->next;
    for (unsigned j = 0; j < watch->window; j++, at++, turn *= step) {
        at = at == watch->window ? 0 : at;
        sum += watch->sum[line][at] * (watch->weight[at / watch->hop] * turn);
    }
    return power_of(sum);
}

/* One tooth of the comb that somebody else's flags make has neighbours. */
static bool is_tooth(const struct line_watch *watch, const struct lines *lines, int line)
{
    const double away_hz = place_hz(watch->settings, lines->place), comb_hz = watch->settings->comb_hz;
    const float least = fmaxf(COMB_LEAST, COMB_SURE / lines->size[line]) * lines->power[line];
    return power_at(watch, line, away_hz - comb_hz) + power_at(watch, line, away_hz + comb_hz) > least;
}

/* A signal of less band than the watch's, of which only the skirts are here. */
static bool is_below(const struct line_watch *watch)
{
    float band = 0.0F, below = 0.0F;
    for (unsigned h = 0; h < HOPS; h++) {
        band += watch->below.band[h] * watch->weight[h];
        below += watch->below.power[h] * watch->weight[h];
    }
    return band < watch->settings->lean * below;
}

/* A discriminator has the upper tone louder by the sender's pre-emphasis, and its line by twice as many
 * decibels; flags of AX.25 have the lower line stronger. */
static float most_apart(const struct line_watch *watch, const struct lines *lines)
{
    const struct line_watch_settings *settings = watch->settings;
    const bool is_lifted = lines->power[0] > lines->power[1] && lines->size[1] > STANDS_OUT;
    return is_lifted && settings->lifted > settings->apart ? settings->lifted : settings->apart;
}

/* Signs of somebody else: one line much stronger than the other, though each is not all there is around it;
 * one of them as good as missing; or one that is a tooth of a comb; or the audio of another band. */
static bool is_foreign(const struct line_watch *watch, const struct lines *lines)
{
    const struct line_watch_settings *settings = watch->settings;
    const bool pair = settings->line_hz > 0.0;
    const float whole = PURE * (float)watch->window;
    if (pair) {
        const float weak = fminf(lines->power[0], lines->power[1]),
                    strong = fmaxf(lines->power[0], lines->power[1]);
        if (strong > most_apart(watch, lines) * weak && (lines->size[0] < whole || lines->size[1] < whole))
            return true;
        if (lines->size[0] * lines->size[1] < settings->both)
            return true;
    }
    if (is_below(watch))
        return true;
    if (settings->comb_hz <= 0.0)
        return false;
    return is_tooth(watch, lines, 0) || (pair && is_tooth(watch, lines, 1));
}

/* The noise of an open squelch is louder than a carrier's audio, by 20 dB and more where deviation is small
 * and the IF wide, and squared it would be all that counts of a window in which a burst begins or ends: then
 * all parts count the same. False: they are even. */
static bool weigh_parts(struct line_watch *watch)
{
    float energy[HOPS], most = 0.0F, least = INFINITY;
    for (unsigned h = 0; h < HOPS; h++) {
        energy[h] = watch->energy[0][h] + watch->energy[1][h];
        most = fmaxf(most, energy[h]);
        least = fminf(least, energy[h]);
    }
    if (most <= UNEVEN * least)
        return false;
    for (unsigned h = 0; h < HOPS; h++)
        watch->weight[h] = energy[h] > QUIET ? sqrtf(most / energy[h]) : 0.0F;
    return true;
}

static enum line_watch_result judge_lines(struct line_watch *watch, bool lasting)
{
    const struct line_watch_settings *settings = watch->settings;
    const struct lines lines = find_lines(watch, lasting);
    if (lines.score < (settings->line_hz > 0.0 ? FAINT : FAINT_ONE) * settings->threshold)
        return LINE_WATCH_NOTHING;
    const bool is_scored = settings->unusual > 0.0F || is_usual(watch, lines.place);
    const float threshold = is_scored ? settings->threshold : OFF;
    bool clear = lines.score >= threshold && !is_foreign(watch, &lines);
    return clear ? LINE_WATCH_CLEAR : LINE_WATCH_FAINT;
}

static enum line_watch_result judge(struct line_watch *watch)
{
    for (unsigned h = 0; h < HOPS; h++)
        watch->weight[h] = 1.0F;
    enum line_watch_result result = judge_lines(watch, true);
    watch->judged++;
    if (result == LINE_WATCH_CLEAR || !weigh_parts(watch))
        return result;
    enum line_watch_result again = judge_lines(watch, false);
    return again > result ? again : result;
}

/* A sum's squares are complete. */
static enum line_watch_result take_sum(struct line_watch *watch)
{
    const bool pair = watch->settings->line_hz > 0.0;
    for (int line = 0; line <= pair; line++) {
        float complex sum = 0.0F;
        for (unsigned i = 0; i < LINE_WATCH_BLOCK; i++)
            sum += watch->square[i] * watch->turn[line][i];
        watch->sum[line][watch->next] = sum;
        part_add(watch, line, sum);
    }
    watch->next = watch->next + 1 == watch->window ? 0 : watch->next + 1;
    if (++watch->since < watch->hop)
        return LINE_WATCH_NOTHING;
    watch->since = 0;
    return judge(watch);
}

enum line_watch_result line_watch_execute(struct line_watch *watch, const float *audio, unsigned count)
{
    float complex *z = watch->low;
    enum line_watch_result most = LINE_WATCH_NOTHING;
    unsigned made = mixing_decimator_execute(&watch->band, audio, count, z);
    if (watch->settings->lean > 0.0F)
        below_execute(watch, audio, count, z, made);
    for (unsigned i = 0; i < made; i++) {
        watch->square[watch->filled++] = z[i] * z[i];
        if (watch->filled < LINE_WATCH_BLOCK)
            continue;
        watch->filled = 0;
        enum line_watch_result result = take_sum(watch);
        most = result > most ? result : most;
    }
    return most;
}
