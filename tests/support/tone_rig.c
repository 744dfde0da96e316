/* SPDX-License-Identifier: Apache-2.0 */
#include "tone_rig.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void tone_rig_open(struct tone_rig *rig, const char *protocol, double rate_hz)
{
    memset(rig, 0, sizeof *rig);
    rig->row = protocol_find(protocol);
    assert(rig->row && modem_find(rig->row->modems)); /* it listens to one */
    rig->class = modem_find(rig->row->modems)->class;
    rig->state = malloc(rig->row->protocol->state_size);
    assert(rig->state);
    rig->rate_hz = rate_hz;
    enum atalaya_result result = rig->class->create(&rig->modem, rate_hz, MODEM_AUDIO);
    assert(result == ATALAYA_OK);
    (void)result;
    rig->row->protocol->reset(rig->state);
    impair_random_seed(&rig->random, 1);
}

void tone_rig_close(struct tone_rig *rig)
{
    rig->class->destroy(rig->modem);
    free(rig->state);
    free(rig->audio);
}

void tone_rig_sound(struct tone_rig *rig, const double hz[2], const double amplitude[2], double ms)
{
    size_t more = (size_t)lround(ms * 1e-3 * rig->rate_hz);
    if (rig->count + more > rig->size) {
        rig->size = 2 * (rig->count + more);
        rig->audio = realloc(rig->audio, rig->size * sizeof *rig->audio);
        assert(rig->audio);
    }
    for (size_t i = 0; i < more; i++) {
        double value = 0.0;
        for (int v = 0; v < 2; v++) {
            value += amplitude[v] * sin(rig->phase[v]);
            rig->phase[v] = fmod(rig->phase[v] + 2.0 * M_PI * hz[v] / rig->rate_hz, 2.0 * M_PI);
        }
        rig->audio[rig->count++] = (float)value;
    }
}

void tone_rig_tone(struct tone_rig *rig, double hz, double ms)
{
    tone_rig_sound(rig, (const double[]){hz, 0.0}, (const double[]){0.4, 0.0}, ms);
}

void tone_rig_silence(struct tone_rig *rig, double ms)
{
    tone_rig_sound(rig, (const double[]){0.0, 0.0}, (const double[]){0.0, 0.0}, ms);
}

void tone_rig_noise(struct tone_rig *rig, double snr_db)
{
    double power = 0.5 * 0.4 * 0.4 * pow(10.0, -snr_db / 10.0) * (rig->rate_hz / 2.0) / 2500.0;
    impair_add_noise(&rig->random, rig->audio, rig->count, sqrt(power));
}

static void on_message(void *context, const struct message *message)
{
    struct tone_rig *rig = context;
    assert(rig->heard_count < TONE_RIG_HEARD_MAX);
    rig->heard[rig->heard_count++] = *message;
}

static void on_frames(void *context, const struct soft_run *run)
{
    struct tone_rig *rig = context;
    rig->row->protocol->execute(rig->state, run, &rig->output);
}

void tone_rig_hear(struct tone_rig *rig, double silence_ms)
{
    tone_rig_silence(rig, silence_ms);
    rig->heard_count = 0;
    rig->output = (struct protocol_output){.message = on_message, .context = rig};
    rig->class->execute(rig->modem, rig->audio, rig->count, on_frames, rig);
    rig->count = 0;
}
