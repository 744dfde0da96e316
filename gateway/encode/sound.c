/* SPDX-License-Identifier: Apache-2.0 */
/* A recording of sound, written as it comes. */
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "encode/recording.h"

struct recording {
    struct recording_settings settings;
    SNDFILE *file;
    struct impair_random random;
    double amplitude, sigma; /* sigma < 0: not known before the first waveform */
    uint64_t frames;
    float *audio;
    size_t audio_size;
};

static bool has_suffix(const char *text, const char *suffix)
{
    size_t a = strlen(text), b = strlen(suffix);
    return a >= b && strcmp(text + a - b, suffix) == 0;
}

struct recording *sound_create(const struct recording_settings *settings)
{
    bool flac = has_suffix(settings->path, ".flac");
    SF_INFO info = {.samplerate = (int)settings->rate_hz,
                    .channels = 1,
                    .format = (flac ? SF_FORMAT_FLAC : SF_FORMAT_WAV) | SF_FORMAT_PCM_16};
    struct recording *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->settings = *settings;
    made->sigma = -1;
    made->audio_size = 4096;
    made->audio = calloc(made->audio_size, sizeof *made->audio);
    made->file = made->audio ? sf_open(settings->path, SFM_WRITE, &info) : NULL;
    if (!made->file) {
        fprintf(stderr, "atalaya encode: %s: %s\n", settings->path, sf_strerror(NULL));
        sound_destroy(made);
        return NULL;
    }
    sf_command(made->file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    impair_random_seed(&made->random, settings->seed);
    return made;
}

void sound_destroy(struct recording *sound)
{
    if (!sound)
        return;
    if (sound->file)
        (void)sf_close(sound->file);
    free(sound->audio);
    free(sound);
}

static bool write_samples(struct recording *sound, size_t count)
{
    if (sound->sigma > 0)
        impair_add_noise(&sound->random, sound->audio, count, sound->sigma);
    sound->frames += count;
    return sf_writef_float(sound->file, sound->audio, (sf_count_t)count) == (sf_count_t)count;
}

static bool write_silence(struct recording *sound, double until_s)
{
    double want = round(until_s * sound->settings.rate_hz);
    while ((double)sound->frames < want) {
        size_t count = sound->audio_size;
        if (want - (double)sound->frames < (double)count)
            count = (size_t)(want - (double)sound->frames);
        memset(sound->audio, 0, count * sizeof *sound->audio);
        if (!write_samples(sound, count))
            return false;
    }
    return true;
}

/* Without a level of the user's choice, signal and four sigmas of noise fill the scale. */
static void set_levels(struct recording *sound, double bit_rate)
{
    const struct recording_settings *settings = &sound->settings;
    bool noisy = isfinite(settings->ebn0_db);
    double relative = noisy ? impair_noise_sigma(0.5, settings->rate_hz, bit_rate, settings->ebn0_db) : 0.0;
    if (isfinite(settings->level_db))
        sound->amplitude = pow(10, settings->level_db / 20);
    else
        sound->amplitude = noisy ? 1 / (1 + 4 * relative) : 0.5;
    sound->sigma = relative * sound->amplitude;
}

static bool write_burst(struct recording *sound, const struct transmission *transmission)
{
    const struct modem_class *modem = transmission->modem->class;
    size_t need = modem->modulate_length(sound->settings.rate_hz, transmission->bit_count);
    if (need > sound->audio_size) {
        float *larger = realloc(sound->audio, need * sizeof *larger);
        if (!larger)
            return false;
        sound->audio = larger;
        sound->audio_size = need;
    }
    size_t count = modem->modulate(sound->settings.rate_hz, transmission->bits, transmission->bit_count,
                                   sound->audio, need);
    for (size_t i = 0; i < count; i++)
        sound->audio[i] *= (float)sound->amplitude;
    return count && write_samples(sound, count);
}

bool sound_add(struct recording *sound, const struct transmission *transmission, char *why, size_t size)
{
    double now_s = (double)sound->frames / sound->settings.rate_hz;
    double start_s = transmission_start_s(transmission, now_s, sound->settings.gap_s);
    if (!transmission->modem->class->modulate) {
        snprintf(why, size, "%s is no sound: use --iq", transmission->modem->id);
        return false;
    }
    if (sound->sigma < 0)
        set_levels(sound, transmission->modem->bit_rate);
    if (start_s > RECORDING_LONGEST_S) {
        snprintf(why, size, "a recording of more than %d h", RECORDING_LONGEST_S / 3600);
        return false;
    }
    snprintf(why, size, "the output cannot be written: %s", sf_strerror(sound->file));
    return write_silence(sound, start_s) && write_burst(sound, transmission);
}

bool sound_finish(struct recording *sound)
{
    double now_s = (double)sound->frames / sound->settings.rate_hz;
    bool good = write_silence(sound, now_s + sound->settings.tail_s);
    if (!good)
        fprintf(stderr, "atalaya encode: %s: %s\n", sound->settings.path, sf_strerror(sound->file));
    good = sf_close(sound->file) == 0 && good;
    sound->file = NULL;
    return good;
}
