/* SPDX-License-Identifier: Apache-2.0 */
#include "music.h"

#include <math.h>
#include <string.h>

enum { BAR = 16, STYLE_BARS = 8, HARMONICS = 12 };
enum { PAD, PAD_THIRD, PAD_FIFTH, BASS, ARPEGGIO, MELODY, KICK, SIREN };

static unsigned pick(struct music *music, unsigned choices)
{
    return (unsigned)(impair_random_uniform(&music->random) * choices);
}

static double between(struct music *music, double low, double high)
{
    return low + (high - low) * impair_random_uniform(&music->random);
}

static double note_hz(const struct music *music, int semitones)
{
    return music->tuning_hz * exp2(semitones / 12.0);
}

/* Sine, organ, string, reed, bell-like, and one by chance. */
static double harmonic(struct music *music, unsigned timbre, int n)
{
    const double organ = n == 1 || n == 2 || n == 4 || n == 8 ? 1.0 / sqrt(n) : 0.0;
    const double bell = n == 1 || n == 3 || n == 7 || n == 11 ? 1.0 / sqrt(n) : 0.0;
    const double shapes[MUSIC_TIMBRES] = {
        n == 1, organ, 1.0 / n, n % 2 == 1 ? 1.0 / n : 0.0, bell, between(music, -1.0, 1.0) / n};
    return shapes[timbre];
}

static void make_tables(struct music *music)
{
    for (unsigned t = 0; t < MUSIC_TIMBRES; t++)
        for (int n = 1; n <= HARMONICS; n++) {
            double amount = harmonic(music, t, n);
            for (int i = 0; i < MUSIC_TABLE; i++)
                music->table[t][i] += (float)(amount * sin(2.0 * M_PI * n * i / MUSIC_TABLE));
        }
}

/* Tempo, tuning, which instruments, how loud. Some styles are one instrument alone. */
static void change_style(struct music *music)
{
    music->step_s = 15.0 / between(music, 60.0, 190.0);
    music->tuning_hz = between(music, 215.0, 223.0);
    music->key = (int)pick(music, 12) - 6;
    music->drums = (float)between(music, -0.3, 0.8);
    for (int v = 0; v < MUSIC_VOICES; v++) {
        music->voice[v].timbre = pick(music, MUSIC_TIMBRES);
        music->voice[v].vibrato = pick(music, 2) ? between(music, 0.0, 0.03) : 0.0;
        music->voice[v].vibrato_hz = between(music, 3.0, 8.0);
        music->share[v] = (float)fmax(0.0, between(music, -0.3, 0.6));
    }
    if (pick(music, 4) == 0) {
        unsigned alone = pick(music, MUSIC_VOICES);
        for (unsigned v = 0; v < MUSIC_VOICES; v++)
            music->share[v] = v == alone ? 0.8F : 0.0F;
    }
    for (int i = 0; i < 3; i++)
        music->pattern[i] =
            (unsigned)(impair_random_next(&music->random) >> 48) & (i < 2 ? 0x1111U << i * 2 : 0xffffU);
}

/* length_s: to 1/e. */
static void strike(struct music *music, unsigned index, double hz, double length_s, double glide_to)
{
    struct music_voice *voice = &music->voice[index];
    voice->hz = hz;
    voice->level = music->share[index];
    voice->decay = (float)exp(-1.0 / (length_s * music->rate_hz));
    voice->glide = exp(log(glide_to) / (length_s * music->rate_hz));
}

static void play_bar(struct music *music)
{
    static const int chords[] = {0, 5, 7, 9, 2, 4, -2};
    static const int thirds[] = {4, 4, 4, 3, 3, 3, 4};
    unsigned which = pick(music, sizeof chords / sizeof *chords);
    music->chord = music->key + chords[which];
    double bar_s = BAR * music->step_s, slide = pick(music, 8) ? 1.0 : between(music, 0.9, 1.1);
    strike(music, PAD, note_hz(music, music->chord), 2.0 * bar_s, slide);
    strike(music, PAD_THIRD, note_hz(music, music->chord + thirds[which]), 2.0 * bar_s, slide);
    strike(music, PAD_FIFTH, note_hz(music, music->chord + 7), 2.0 * bar_s, slide);
    strike(music, SIREN, between(music, 300.0, 3000.0), between(music, 0.5, 1.0) * bar_s,
           between(music, 0.2, 5.0));
}

/* What happens at a sixteenth. */
static void play_step(struct music *music)
{
    static const int arpeggio[] = {0, 4, 7, 12, 16, 12, 7, 4};
    static const int scale[] = {0, 2, 4, 5, 7, 9, 11, 12, 14, 16, 17, 19};
    const unsigned step = music->step++ % BAR;
    if (step == 0 && music->step / BAR % STYLE_BARS == 0)
        change_style(music);
    if (step == 0)
        play_bar(music);
    if (step % 4 == 0)
        strike(music, BASS, note_hz(music, music->chord - 12 - (step % 8 ? 5 : 0)), 0.5, 1.0);
    strike(music, ARPEGGIO, note_hz(music, music->chord + 12 + arpeggio[(step + pick(music, 2)) % 8]), 0.15,
           1.0);
    if (step % 2 == 0 && pick(music, 3))
        strike(music, MELODY, note_hz(music, music->key + 12 + scale[pick(music, 12)]), 0.4,
               between(music, 0.98, 1.02));
    if (music->drums > 0.0F && music->pattern[0] >> step & 1)
        strike(music, KICK, 160.0, 0.08, 0.4);
    if (music->drums > 0.0F && (music->pattern[1] | music->pattern[2]) >> step & 1) {
        bool snare = music->pattern[1] >> step & 1;
        music->hiss = music->drums * (snare ? 1.0F : 0.4F);
        music->hiss_decay = (float)exp(-1.0 / ((snare ? 0.08 : 0.02) * music->rate_hz));
    }
}

static float play_voice(struct music *music, struct music_voice *voice)
{
    double bend = voice->vibrato > 0.0
                      ? 1.0 + voice->vibrato * sin(2.0 * M_PI * voice->vibrato_hz * music->time_s)
                      : 1.0;
    voice->phase += voice->hz * bend / music->rate_hz;
    voice->phase -= floor(voice->phase);
    voice->hz *= voice->glide;
    voice->level *= voice->decay;
    return voice->level * music->table[voice->timbre][(unsigned)(voice->phase * MUSIC_TABLE) % MUSIC_TABLE];
}

void music_reset(struct music *music, double rate_hz, uint64_t seed)
{
    memset(music, 0, sizeof *music);
    music->rate_hz = rate_hz;
    impair_random_seed(&music->random, seed);
    make_tables(music);
    change_style(music);
    music->time_s = music->step_s;
}

void music_execute(struct music *music, float *audio, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        music->time_s += 1.0 / music->rate_hz;
        if (music->time_s >= music->step_s) {
            music->time_s -= music->step_s;
            play_step(music);
        }
        float sum = 0.0F;
        for (int v = 0; v < MUSIC_VOICES; v++)
            if (music->voice[v].level > 1e-4F)
                sum += play_voice(music, &music->voice[v]);
        if (music->hiss > 1e-4F) { /* its low half taken away */
            float noise = (float)between(music, -1.0, 1.0) * music->hiss;
            sum += noise - music->last;
            music->last = noise;
            music->hiss *= music->hiss_decay;
        }
        audio[i] = 0.4F * sum;
    }
}
