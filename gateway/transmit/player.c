/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/player.h"

#include <alsa/asoundlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "source/alsa_words.h"

enum { BUFFER_US = 200000, PERIOD_US = 20000, CHUNK = 1024, LANES_MAX = 2 };

struct player {
    snd_pcm_t *pcm;
    unsigned rate_hz, lanes;
    int16_t out[CHUNK * LANES_MAX];
};

static enum atalaya_result open_failed(const char *device, int error, char why[PLAYER_TEXT_MAX])
{
    switch (error) {
    case -ENOENT:
    case -ENODEV:
    case -ENXIO:
        snprintf(why, PLAYER_TEXT_MAX,
                 "no sound device %s: is it plugged in? `aplay -l` and `aplay -L` list the devices", device);
        return ATALAYA_E_GONE;
    case -EBUSY:
        snprintf(why, PLAYER_TEXT_MAX, "device %s is busy: another program holds it (fuser -v /dev/snd/*)",
                 device);
        return ATALAYA_E_IO;
    case -EACCES:
    case -EPERM:
        snprintf(why, PLAYER_TEXT_MAX,
                 "no permission for device %s: add this program's user to the group 'audio'", device);
        return ATALAYA_E_DENIED;
    default:
        snprintf(why, PLAYER_TEXT_MAX, "cannot open device %s: %s", device, snd_strerror(error));
        return ATALAYA_E_IO;
    }
}

static int set_hardware(struct player *player, const char **step)
{
    snd_pcm_hw_params_t *params;
    snd_pcm_hw_params_alloca(&params);
    unsigned period_us = PERIOD_US, buffer_us = BUFFER_US;
    int error;
    player->lanes = 1;
    if (*step = "parameters", (error = snd_pcm_hw_params_any(player->pcm, params)) < 0)
        return error;
    if (*step = "interleaved access",
        (error = snd_pcm_hw_params_set_access(player->pcm, params, SND_PCM_ACCESS_RW_INTERLEAVED)) < 0)
        return error;
    if (*step = "16-bit samples",
        (error = snd_pcm_hw_params_set_format(player->pcm, params, SND_PCM_FORMAT_S16)) < 0)
        return error;
    if (*step = "audio channels",
        (error = snd_pcm_hw_params_set_channels_near(player->pcm, params, &player->lanes)) < 0)
        return error;
    if (player->lanes > LANES_MAX)
        return -EINVAL;
    if (*step = "rate",
        (error = snd_pcm_hw_params_set_rate_near(player->pcm, params, &player->rate_hz, NULL)) < 0)
        return error;
    if (*step = "buffer",
        (error = snd_pcm_hw_params_set_buffer_time_near(player->pcm, params, &buffer_us, NULL)) < 0)
        return error;
    if (*step = "period",
        (error = snd_pcm_hw_params_set_period_time_near(player->pcm, params, &period_us, NULL)) < 0)
        return error;
    *step = "these parameters together";
    return snd_pcm_hw_params(player->pcm, params);
}

/* It plays from the first samples on, and stops by itself when no more come: a program that hangs makes no
 * endless tone. */
static int set_software(struct player *player, const char **step)
{
    snd_pcm_sw_params_t *params;
    snd_pcm_sw_params_alloca(&params);
    int error;
    *step = "software parameters";
    if ((error = snd_pcm_sw_params_current(player->pcm, params)) < 0)
        return error;
    if ((error = snd_pcm_sw_params_set_start_threshold(player->pcm, params, 1)) < 0)
        return error;
    return snd_pcm_sw_params(player->pcm, params);
}

enum atalaya_result player_open(const struct config_transmitter *settings, struct player **out,
                                char why[PLAYER_TEXT_MAX])
{
    const char *step = "";
    struct player *player = calloc(1, sizeof *player);
    *out = NULL;
    if (!player)
        return ATALAYA_E_MEMORY;
    alsa_words_take();
    int error = snd_pcm_open(&player->pcm, settings->device, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
    if (error < 0) {
        free(player);
        return open_failed(settings->device, error, why);
    }
    player->rate_hz = (unsigned)lround(settings->rate_hz);
    error = set_hardware(player, &step);
    if (error >= 0)
        error = set_software(player, &step);
    if (error < 0) {
        snprintf(why, PLAYER_TEXT_MAX, "device %s refuses %s (%g Hz): %s; plughw: instead of hw: converts",
                 settings->device, step, settings->rate_hz, snd_strerror(error));
        player_close(player);
        return ATALAYA_E_UNSUPPORTED;
    }
    snprintf(why, PLAYER_TEXT_MAX, "device %s: %u Hz, %u audio channel%s", settings->device, player->rate_hz,
             player->lanes, player->lanes == 1 ? "" : "s");
    *out = player;
    return ATALAYA_OK;
}

double player_rate_hz(const struct player *player)
{
    return player->rate_hz;
}

enum atalaya_result player_begin(struct player *player)
{
    (void)snd_pcm_drop(player->pcm); /* whatever state it is in: prepare says whether it lives */
    return snd_pcm_prepare(player->pcm) < 0 ? ATALAYA_E_GONE : ATALAYA_OK;
}

static void convert(struct player *player, const float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float value = samples[i] * 32767.0F;
        int16_t whole = (int16_t)lrintf(fmaxf(-32767.0F, fminf(32767.0F, value)));
        for (unsigned lane = 0; lane < player->lanes; lane++)
            player->out[i * player->lanes + lane] = whole;
    }
}

enum atalaya_result player_write(struct player *player, const float *samples, size_t count, size_t *taken)
{
    *taken = 0;
    while (*taken < count) {
        size_t part = count - *taken < CHUNK ? count - *taken : CHUNK;
        convert(player, samples + *taken, part);
        snd_pcm_sframes_t done = snd_pcm_writei(player->pcm, player->out, part);
        if (done == -EAGAIN || done == 0)
            return ATALAYA_OK;
        if (done < 0)
            return ATALAYA_E_GONE;
        *taken += (size_t)done;
    }
    return ATALAYA_OK;
}

bool player_is_done(struct player *player)
{
    snd_pcm_sframes_t delay = 0;
    return snd_pcm_state(player->pcm) != SND_PCM_STATE_RUNNING || snd_pcm_delay(player->pcm, &delay) < 0 ||
           delay <= 0;
}

void player_end(struct player *player)
{
    (void)snd_pcm_drop(player->pcm);
}

void player_close(struct player *player)
{
    if (!player)
        return;
    (void)snd_pcm_close(player->pcm);
    free(player);
}
