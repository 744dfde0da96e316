/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the ALSA source: alsa_setup.c opens, alsa_fault.c judges errors, alsa.c reads. */
#ifndef GATEWAY_SOURCE_ALSA_PRIVATE_H
#define GATEWAY_SOURCE_ALSA_PRIVATE_H

#include <alsa/asoundlib.h>

#include "source_private.h"

struct alsa_setup {
    double rate_hz; /* as the device gives it */
    unsigned lanes;
    snd_pcm_format_t format; /* S16, S32 or FLOAT of this machine's byte order */
    snd_pcm_uframes_t buffer_frames, period_frames;
};

/* Opens a capture device by name, non-blocking, set up and started. text: one line, good or bad. */
enum atalaya_result alsa_setup_open(const struct config_source *settings, snd_pcm_t **pcm,
                                    struct alsa_setup *setup, char *text, size_t size);

enum alsa_remedy {
    ALSA_RETRY,   /* nothing is wrong */
    ALSA_RESTART, /* overrun: samples were dropped, the stream must be started again */
    ALSA_RESUME,  /* the system slept */
    ALSA_REOPEN   /* unplugged, or so broken that only a new start can help */
};

/* What a negative result of alsa-lib while capturing asks for. */
enum alsa_remedy alsa_remedy_of(int error);

#endif
