/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/waveform.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the key takes up of its limit besides the sound. */
#define KEY_S 0.5
static const double tone_hz = 1000.0, pi = 3.14159265358979323846;

const struct modem_row *waveform_modem(const struct protocol_row *row, double rate_hz)
{
    char id[32];
    for (const char *word = row->modems; *word; word += strspn(word, " ")) {
        int length = (int)strcspn(word, " ");
        snprintf(id, sizeof id, "%.*s", length, word);
        const struct modem_row *modem = modem_find(id);
        if (modem && modem->class->modulate && rate_hz >= modem->class->least_rate_hz)
            return modem;
        word += length;
    }
    return NULL;
}

enum atalaya_result waveform_create(const struct config_transmitter *settings, double rate_hz,
                                    struct waveform **waveform)
{
    struct waveform *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->rate_hz = rate_hz;
    made->amplitude = pow(10, settings->level_db / 20);
    made->txdelay_s = settings->txdelay_s;
    made->tail_s = settings->tail_s;
    made->tone = settings->ptt == PTT_VOX;
    made->max = (size_t)((settings->limit_s - KEY_S) * rate_hz);
    made->samples = calloc(made->max, sizeof *made->samples);
    if (!made->samples) {
        free(made);
        return ATALAYA_E_MEMORY;
    }
    *waveform = made;
    return ATALAYA_OK;
}

static void put_tone(struct waveform *waveform, size_t count)
{
    for (size_t i = 0; i < count; i++)
        waveform->samples[i] = (float)sin(2.0 * pi * tone_hz * (double)i / waveform->rate_hz);
}

enum atalaya_result waveform_make(struct waveform *waveform, const struct transmit_request *request)
{
    const struct modem_row *modem = waveform_modem(request->row, waveform->rate_hz);
    if (!modem || !request->row->protocol->transmit)
        return ATALAYA_E_UNSUPPORTED;
    struct protocol_transmit how = {.scrambler = modem->class->scrambler};
    size_t tone = waveform->tone ? (size_t)(waveform->txdelay_s * waveform->rate_hz) : 0;
    if (!waveform->tone) /* a preamble says more than silence: receivers settle on it */
        how.preamble_bits = (unsigned)(waveform->txdelay_s * modem->bit_rate);
    size_t bits =
        request->row->protocol->transmit(&request->message, &how, waveform->bits, sizeof waveform->bits);
    if (bits == 0)
        return ATALAYA_E_UNSUPPORTED;
    size_t tail = (size_t)(waveform->tail_s * waveform->rate_hz);
    size_t need = modem->class->modulate_length(waveform->rate_hz, bits);
    if (need == 0 || tone + need + tail > waveform->max)
        return ATALAYA_E_LENGTH;
    put_tone(waveform, tone);
    size_t made =
        modem->class->modulate(waveform->rate_hz, waveform->bits, bits, waveform->samples + tone, need);
    if (made == 0)
        return ATALAYA_E_UNSUPPORTED;
    for (size_t i = 0; i < tone + made; i++)
        waveform->samples[i] *= (float)waveform->amplitude;
    memset(waveform->samples + tone + made, 0, tail * sizeof *waveform->samples);
    waveform->count = tone + made + tail;
    return ATALAYA_OK;
}

void waveform_destroy(struct waveform *waveform)
{
    if (waveform)
        free(waveform->samples);
    free(waveform);
}
