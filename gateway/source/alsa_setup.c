/* SPDX-License-Identifier: Apache-2.0 */
#include "alsa_private.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "source/alsa_words.h"

enum { PERIOD_US = 20000, BUFFER_US = 500000 };

static enum atalaya_result open_failed(const char *device, int error, char *text, size_t size)
{
    switch (error) {
    case -ENOENT:
    case -ENODEV:
    case -ENXIO:
        source_say(text, size,
                   "no sound device %s: is it plugged in? `arecord -l` and `arecord -L` list the devices",
                   device);
        return ATALAYA_E_GONE;
    case -EBUSY:
        source_say(text, size, "device %s is busy: another program holds it (fuser -v /dev/snd/*)", device);
        return ATALAYA_E_IO;
    case -EACCES:
    case -EPERM:
        source_say(text, size, "no permission for device %s: add this program's user to the group 'audio'",
                   device);
        return ATALAYA_E_DENIED;
    default:
        source_say(text, size, "cannot open device %s: %s", device, snd_strerror(error));
        return ATALAYA_E_IO;
    }
}

static int set_format(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, snd_pcm_format_t *format)
{
    /* The finest first: a quiet receiver output keeps its bits. */
    static const snd_pcm_format_t formats[] = {SND_PCM_FORMAT_S32, SND_PCM_FORMAT_S16, SND_PCM_FORMAT_FLOAT};
    int error = -EINVAL;
    for (size_t i = 0; i < sizeof formats / sizeof *formats && error < 0; i++) {
        *format = formats[i];
        error = snd_pcm_hw_params_set_format(pcm, params, formats[i]);
    }
    return error;
}

/* Rate, lanes, period and buffer may come out near what was asked for; *step names what failed. */
static int set_hardware(snd_pcm_t *pcm, const struct config_source *settings, struct alsa_setup *setup,
                        const char **step)
{
    snd_pcm_hw_params_t *params;
    snd_pcm_hw_params_alloca(&params);
    unsigned rate_hz = (unsigned)lround(settings->rate_hz), period_us = PERIOD_US, buffer_us = BUFFER_US;
    int error;
    setup->lanes = settings->lanes;
    if (*step = "parameters", (error = snd_pcm_hw_params_any(pcm, params)) < 0)
        return error;
    if (*step = "interleaved access",
        (error = snd_pcm_hw_params_set_access(pcm, params, SND_PCM_ACCESS_RW_INTERLEAVED)) < 0)
        return error;
    if (*step = "16-bit, 32-bit or float samples", (error = set_format(pcm, params, &setup->format)) < 0)
        return error;
    if (*step = "audio channels",
        (error = snd_pcm_hw_params_set_channels_near(pcm, params, &setup->lanes)) < 0)
        return error;
    if (*step = "rate", (error = snd_pcm_hw_params_set_rate_near(pcm, params, &rate_hz, NULL)) < 0)
        return error;
    if (*step = "buffer", (error = snd_pcm_hw_params_set_buffer_time_near(pcm, params, &buffer_us, NULL)) < 0)
        return error;
    if (*step = "period", (error = snd_pcm_hw_params_set_period_time_near(pcm, params, &period_us, NULL)) < 0)
        return error;
    if (*step = "these parameters together", (error = snd_pcm_hw_params(pcm, params)) < 0)
        return error;
    setup->rate_hz = rate_hz;
    if (*step = "buffer size", (error = snd_pcm_hw_params_get_buffer_size(params, &setup->buffer_frames)) < 0)
        return error;
    *step = "period size";
    return snd_pcm_hw_params_get_period_size(params, &setup->period_frames, NULL);
}

/* Wake up once a period; time stamps on the monotonic clock where the driver knows how. */
static int set_software(snd_pcm_t *pcm, const struct alsa_setup *setup, const char **step)
{
    snd_pcm_sw_params_t *params;
    snd_pcm_sw_params_alloca(&params);
    int error;
    if (*step = "software parameters", (error = snd_pcm_sw_params_current(pcm, params)) < 0)
        return error;
    if (*step = "wake-up", (error = snd_pcm_sw_params_set_avail_min(pcm, params, setup->period_frames)) < 0)
        return error;
    /* Without these two the arrival of a block is its time: less exact, still right. */
    (void)snd_pcm_sw_params_set_tstamp_mode(pcm, params, SND_PCM_TSTAMP_ENABLE);
    (void)snd_pcm_sw_params_set_tstamp_type(pcm, params, SND_PCM_TSTAMP_TYPE_MONOTONIC);
    *step = "software parameters";
    return snd_pcm_sw_params(pcm, params);
}

static void describe(const struct config_source *settings, const struct alsa_setup *setup, char *text,
                     size_t size)
{
    char near[128] = "";
    if (setup->rate_hz < settings->rate_hz || setup->rate_hz > settings->rate_hz ||
        setup->lanes != settings->lanes)
        source_say(near, sizeof near, " (nearest to the %g Hz and %u asked for)", settings->rate_hz,
                   settings->lanes);
    source_say(text, size, "device %s: %g Hz, %u audio channel%s, %s, buffer %.0f ms%s", settings->device,
               setup->rate_hz, setup->lanes, setup->lanes == 1 ? "" : "s", snd_pcm_format_name(setup->format),
               (double)setup->buffer_frames * 1e3 / setup->rate_hz, near);
}

enum atalaya_result alsa_setup_open(const struct config_source *settings, snd_pcm_t **pcm,
                                    struct alsa_setup *setup, char *text, size_t size)
{
    const char *step = "";
    alsa_words_take();
    int error = snd_pcm_open(pcm, settings->device, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK);
    if (error < 0)
        return open_failed(settings->device, error, text, size);
    error = set_hardware(*pcm, settings, setup, &step);
    if (error >= 0)
        error = set_software(*pcm, setup, &step);
    if (error >= 0) {
        step = "start";
        error = snd_pcm_start(*pcm);
    }
    if (error >= 0 && setup->lanes >= settings->lanes) {
        describe(settings, setup, text, size);
        return ATALAYA_OK;
    }
    if (error >= 0)
        source_say(text, size, "device %s has %u audio channels, %u were asked for: correct 'lanes'",
                   settings->device, setup->lanes, settings->lanes);
    else
        source_say(text, size,
                   "device %s refuses %s (%g Hz, %u audio channels): %s; plughw: instead of hw: converts",
                   settings->device, step, settings->rate_hz, settings->lanes, snd_strerror(error));
    (void)snd_pcm_close(*pcm);
    *pcm = NULL;
    return error < 0 && error != -EINVAL ? ATALAYA_E_IO : ATALAYA_E_UNSUPPORTED;
}
