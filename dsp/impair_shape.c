/* SPDX-License-Identifier: Apache-2.0 */
/* Twist, de-emphasis and a frequency shift, as a radio's audio path and a shifted pair of oscillators do
 * them. */
#include "atalaya/dsp/impair.h"

#include <math.h>
#include <stdlib.h>
#include <liquid/liquid.h>

enum {
    TWIST_TAPS = 257,  /* 5 ms at 48 kHz: steps of gain 200 Hz wide */
    TWIST_GRID = 512,  /* frequencies at which the wanted gain is sampled */
    HILBERT_SEMI = 80, /* liquid's semi-length: good from 600 Hz on at 48 kHz */
    HILBERT_STOP_DB = 60
};

#define TWIST_LOW_HZ    600.0 /* the slope ends where Bell 202 has no power left */
#define TWIST_CENTRE_HZ 1700.0
#define TWIST_HIGH_HZ   2800.0

struct impair_shape {
    struct impair_shape_settings settings;
    firfilt_rrrf twist;
    struct impair_emphasis emphasis;
    firhilbf hilbert;
    nco_crcf shift;
};

/* One pole, impulse response of 1 / (1 + s tau) sampled, or its inverse. */
void impair_emphasis_create(struct impair_emphasis *emphasis, double rate_hz, double unity_hz, bool inverse)
{
    double a = 1.0 - exp(-1.0 / (rate_hz * IMPAIR_EMPHASIS_S)), turn = 2.0 * M_PI * unity_hz / rate_hz;
    double level = a / sqrt(1.0 - 2.0 * (1.0 - a) * cos(turn) + (1.0 - a) * (1.0 - a));
    *emphasis = (struct impair_emphasis){.a = a, .gain = inverse ? level : 1.0 / level, .inverse = inverse};
}

float impair_emphasis_execute(struct impair_emphasis *emphasis, float sample)
{
    double x = (double)sample, y;
    if (emphasis->inverse) {
        y = (x - (1.0 - emphasis->a) * emphasis->last) / emphasis->a;
        emphasis->last = x;
    } else {
        y = emphasis->last + emphasis->a * (x - emphasis->last);
        emphasis->last = y;
    }
    return (float)(y * emphasis->gain);
}

/* Gain of the twist at a frequency: a straight line in dB through 0 dB midway between the tones. */
static double twist_gain(const struct impair_shape_settings *settings, double frequency_hz)
{
    double held = fmin(fmax(frequency_hz, TWIST_LOW_HZ), TWIST_HIGH_HZ);
    return pow(10.0, settings->twist_db * (held - TWIST_CENTRE_HZ) / 1000.0 / 20.0);
}

/* Frequency sampling: the impulse response is the mean of the wanted gains' cosines, windowed (Hamming). */
static firfilt_rrrf twist_create(const struct impair_shape_settings *settings)
{
    float taps[TWIST_TAPS];
    for (int n = 0; n < TWIST_TAPS; n++) {
        int away = n - TWIST_TAPS / 2;
        double sum = 0.0;
        for (int k = 0; k < TWIST_GRID; k++) {
            double turn = M_PI * (k + 0.5) / TWIST_GRID;
            sum += twist_gain(settings, turn / (2.0 * M_PI) * settings->rate_hz) * cos(turn * away);
        }
        double window = 0.54 + 0.46 * cos(2.0 * M_PI * away / (TWIST_TAPS - 1));
        taps[n] = (float)(sum / TWIST_GRID * window);
    }
    return firfilt_rrrf_create(taps, TWIST_TAPS);
}

void impair_shape_destroy(struct impair_shape *shape)
{
    if (shape == NULL)
        return;
    if (shape->twist != NULL)
        firfilt_rrrf_destroy(shape->twist);
    if (shape->hilbert != NULL)
        firhilbf_destroy(shape->hilbert);
    if (shape->shift != NULL)
        nco_crcf_destroy(shape->shift);
    free(shape);
}

enum atalaya_result impair_shape_create(struct impair_shape **shape,
                                        const struct impair_shape_settings *settings)
{
    if (!(settings->rate_hz >= 8000.0 && settings->rate_hz <= 1e6) || !isfinite(settings->twist_db) ||
        !(fabs(settings->shift_hz) < 1000.0))
        return ATALAYA_E_ARGUMENT;
    struct impair_shape *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ATALAYA_E_MEMORY;
    made->settings = *settings;
    if (fabs(settings->twist_db) > 0.0)
        made->twist = twist_create(settings);
    if (fabs(settings->shift_hz) > 0.0) {
        made->hilbert = firhilbf_create(HILBERT_SEMI, HILBERT_STOP_DB);
        made->shift = nco_crcf_create(LIQUID_VCO);
        if (made->shift != NULL)
            nco_crcf_set_frequency(made->shift, (float)(2.0 * M_PI * settings->shift_hz / settings->rate_hz));
    }
    if ((fabs(settings->twist_db) > 0.0 && made->twist == NULL) ||
        (fabs(settings->shift_hz) > 0.0 && (made->hilbert == NULL || made->shift == NULL))) {
        impair_shape_destroy(made);
        return ATALAYA_E_MEMORY;
    }
    impair_shape_reset(made);
    *shape = made;
    return ATALAYA_OK;
}

void impair_shape_reset(struct impair_shape *shape)
{
    impair_emphasis_create(&shape->emphasis, shape->settings.rate_hz, TWIST_CENTRE_HZ, false);
    if (shape->twist != NULL)
        firfilt_rrrf_reset(shape->twist);
    if (shape->hilbert != NULL)
        firhilbf_reset(shape->hilbert);
    if (shape->shift != NULL)
        nco_crcf_set_phase(shape->shift, 0.0F);
}

void impair_shape_execute(struct impair_shape *shape, float *audio, size_t count)
{
    if (shape->twist != NULL)
        firfilt_rrrf_execute_block(shape->twist, audio, (unsigned)count, audio);
    for (size_t i = 0; i < count && shape->settings.de_emphasis; i++)
        audio[i] = impair_emphasis_execute(&shape->emphasis, audio[i]);
    for (size_t i = 0; i < count && shape->hilbert != NULL; i++) {
        float complex analytic, moved;
        firhilbf_r2c_execute(shape->hilbert, audio[i], &analytic);
        nco_crcf_mix_up(shape->shift, analytic, &moved);
        nco_crcf_step(shape->shift);
        audio[i] = crealf(moved);
    }
}
