/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/dsp/fm_channel.h"

#include <math.h>
#include <stdlib.h>
#include <liquid/liquid.h>

#include "kaiser.h"

enum { FADING_STEP = 48, IF_TAPS = 97, IF_STOP_DB = 60 };

#define UNITY_TRANSMIT_HZ 2200.0 /* deviation is set on the louder tone: that is what a limiter sees */
#define UNITY_RECEIVE_HZ  1000.0

static float complex fading_value(struct fading *fading)
{
    double re = 0.0, im = 0.0;
    for (int p = 0; p < FADING_PATHS; p++) {
        re += cos(fading->phase[p]);
        im += sin(fading->phase[p]);
        fading->phase[p] = remainder(fading->phase[p] + fading->turn[p] * FADING_STEP, 2.0 * M_PI);
    }
    return (float)(re / sqrt(FADING_PATHS)) + (float)(im / sqrt(FADING_PATHS)) * _Complex_I;
}

void fading_reset(struct fading *fading, struct impair_random *random, double rate_hz, double doppler_hz)
{
    fading->rate_hz = rate_hz;
    for (int p = 0; p < FADING_PATHS; p++) {
        double direction = 2.0 * M_PI * impair_random_uniform(random);
        fading->turn[p] = 2.0 * M_PI * doppler_hz * cos(direction) / rate_hz;
        fading->phase[p] = 2.0 * M_PI * impair_random_uniform(random);
    }
    fading->from = fading_value(fading);
    fading->step = 0.0F;
    fading->left = 0;
}

float complex fading_execute(struct fading *fading)
{
    if (fading->left == 0) {
        fading->left = FADING_STEP;
        fading->step = (fading_value(fading) - fading->from) / (float)FADING_STEP;
    }
    float complex gain = fading->from;
    fading->from += fading->step;
    fading->left--;
    return gain;
}

void fm_transmitter_create(struct fm_transmitter *transmitter, const struct fm_transmitter_settings *settings)
{
    *transmitter = (struct fm_transmitter){.settings = *settings};
    impair_emphasis_create(&transmitter->emphasis, settings->rate_hz, UNITY_TRANSMIT_HZ, true);
}

void fm_transmitter_execute(struct fm_transmitter *transmitter, const float *audio, size_t count,
                            float complex *iq)
{
    const struct fm_transmitter_settings *settings = &transmitter->settings;
    double turn = 2.0 * M_PI / settings->rate_hz;
    for (size_t i = 0; i < count; i++) {
        float x =
            settings->pre_emphasis ? impair_emphasis_execute(&transmitter->emphasis, audio[i]) : audio[i];
        double frequency_hz = settings->carrier_hz + settings->deviation_hz * (double)x;
        transmitter->phase = remainder(transmitter->phase + turn * frequency_hz, 2.0 * M_PI);
        iq[i] = (float)cos(transmitter->phase) + (float)sin(transmitter->phase) * _Complex_I;
    }
}

struct fm_receiver {
    struct fm_receiver_settings settings;
    firfilt_crcf filter;
    struct impair_emphasis emphasis;
    float complex last;
};

void fm_receiver_destroy(struct fm_receiver *receiver)
{
    if (receiver == NULL)
        return;
    if (receiver->filter != NULL)
        firfilt_crcf_destroy(receiver->filter);
    free(receiver);
}

enum atalaya_result fm_receiver_create(struct fm_receiver **receiver,
                                       const struct fm_receiver_settings *settings)
{
    if (!(settings->rate_hz >= 8000.0 && settings->rate_hz <= 1e6) || !(settings->if_width_hz > 1000.0) ||
        !(settings->if_width_hz < 0.9 * settings->rate_hz) || !(settings->full_scale_hz > 0.0))
        return ATALAYA_E_ARGUMENT;
    struct fm_receiver *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ATALAYA_E_MEMORY;
    float taps[IF_TAPS], sum = 0.0F;
    made->settings = *settings;
    kaiser_lowpass(taps, IF_TAPS, settings->if_width_hz / 2.0 / settings->rate_hz, IF_STOP_DB);
    for (int i = 0; i < IF_TAPS; i++)
        sum += taps[i];
    for (int i = 0; i < IF_TAPS; i++)
        taps[i] /= sum;
    made->filter = firfilt_crcf_create(taps, IF_TAPS);
    if (made->filter == NULL) {
        fm_receiver_destroy(made);
        return ATALAYA_E_MEMORY;
    }
    fm_receiver_reset(made);
    *receiver = made;
    return ATALAYA_OK;
}

void fm_receiver_reset(struct fm_receiver *receiver)
{
    firfilt_crcf_reset(receiver->filter);
    impair_emphasis_create(&receiver->emphasis, receiver->settings.rate_hz, UNITY_RECEIVE_HZ, false);
    receiver->last = 0.0F;
}

void fm_receiver_execute(struct fm_receiver *receiver, const float complex *iq, size_t count, float *audio)
{
    const struct fm_receiver_settings *settings = &receiver->settings;
    float scale = (float)(settings->rate_hz / (2.0 * M_PI * settings->full_scale_hz));
    for (size_t i = 0; i < count; i++) {
        float complex here;
        firfilt_crcf_push(receiver->filter, iq[i]);
        firfilt_crcf_execute(receiver->filter, &here);
        float complex turned = here * conjf(receiver->last);
        receiver->last = here;
        audio[i] = scale * atan2f(cimagf(turned), crealf(turned));
        if (settings->de_emphasis)
            audio[i] = impair_emphasis_execute(&receiver->emphasis, audio[i]);
    }
}
