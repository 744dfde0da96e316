/* SPDX-License-Identifier: Apache-2.0 */
/* Receiver of two tones: (gate ->) front end -> tone windows -> timing bank (trellis) and slicer -> bit
 * trains -> sink; the meter listens beside. See README.md here for the reasons and the figures. */
#include "two_tone_modem.h"

#include <math.h>
#include <stdlib.h>

#include "atalaya/dsp/discriminator.h"
#include "bit_train.h"
#include "burst_meter.h"
#include "burst_timing.h"
#include "front_end.h"
#include "gate.h"
#include "msk_detector.h"
#include "narrow_band.h"
#include "rf_detector.h"
#include "slicer.h"
#include "timing_bank.h"
#include "tone_windows.h"

/* The lanes', the slicer's; then that of minimum-shift keying, or the bare slicer's and, last, the radio's.
 */
enum { BRANCHES = TWO_TONE_BRANCHES, MSK = BRANCHES, BARE = BRANCHES, RADIO = BARE + 1, BRANCHES_MOST };
enum {
    SLICER_HELD = TRELLIS_DEPTH + BIT_TRAIN_HELD + 4 /* what the lanes also have is theirs to tell */
};

struct modem {
    const struct two_tone *waveform;
    struct discriminator *discriminator; /* NULL: fed with audio */
    struct rf_detector *radio;           /* NULL: no such waveform, or audio too narrow for it */
    struct gate *gate;                   /* NULL: always open */
    struct front_end *front_end;
    struct baseband_block block;
    struct tone_windows windows;
    struct timing_bank bank;
    struct slicer slicer;
    struct narrow_band narrow; /* from here on: the bare slicer's, where the waveform has `radio` set */
    struct slicer bare;
    bool is_msk;
    struct msk_detector msk;
    struct bit_train trains[BRANCHES_MOST];
    struct burst_meter meter;
};

void two_tone_reset(struct modem *modem)
{
    if (modem->discriminator)
        discriminator_reset(modem->discriminator);
    if (modem->radio)
        rf_detector_reset(modem->radio);
    if (modem->gate)
        gate_reset(modem->gate);
    front_end_reset(modem->front_end);
    tone_windows_reset(&modem->windows, modem->waveform);
    timing_bank_reset(&modem->bank, modem->waveform);
    slicer_reset(&modem->slicer, false, BASEBAND_PER_BIT);
    narrow_band_reset(&modem->narrow);
    slicer_reset(&modem->bare, true, NARROW_BAND_PER_BIT);
    msk_detector_reset(&modem->msk);
    burst_meter_reset(&modem->meter, modem->waveform, front_end_delay(modem->front_end));
    for (unsigned i = 0; i < BRANCHES; i++)
        bit_train_reset(&modem->trains[i], i < TIMING_LANES ? BIT_TRAIN_HELD : SLICER_HELD);
    bit_train_reset(&modem->trains[BARE], modem->is_msk ? BIT_TRAIN_HELD : SLICER_HELD);
    bit_train_reset(&modem->trains[RADIO], BIT_TRAIN_HELD);
}

void two_tone_destroy(struct modem *modem)
{
    if (modem == NULL)
        return;
    rf_detector_destroy(modem->radio);
    discriminator_destroy(modem->discriminator);
    gate_destroy(modem->gate);
    front_end_destroy(modem->front_end);
    free(modem);
}

static enum atalaya_result create_parts(struct modem *made, double rate_hz, enum modem_input input)
{
    const double iq_rate_hz = rate_hz;
    enum atalaya_result result = ATALAYA_OK;
    if (input == MODEM_IQ)
        result = discriminator_create(&made->discriminator, rate_hz);
    if (made->discriminator)
        rate_hz = discriminator_audio_rate_hz(made->discriminator);
    if (result == ATALAYA_OK)
        result = front_end_create(&made->front_end, made->waveform, rate_hz);
    if (result == ATALAYA_OK && made->waveform->radio) {
        result = rf_detector_create(&made->radio, iq_rate_hz, made->discriminator, made->front_end);
        if (result == ATALAYA_E_ARGUMENT && input == MODEM_AUDIO) /* without it, then */
            result = ATALAYA_OK;
    }
    if (result == ATALAYA_OK && made->waveform->gate)
        result = gate_create(&made->gate, made->waveform->gate, rate_hz);
    return result;
}

enum atalaya_result two_tone_create(struct modem **modem, const struct two_tone *waveform, double rate_hz,
                                    enum modem_input input)
{
    if (input == MODEM_IQ && !waveform->radio)
        return ATALAYA_E_UNSUPPORTED;
    struct modem *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ATALAYA_E_MEMORY;
    made->waveform = waveform;
    made->is_msk = waveform->states == 2;
    narrow_band_init(&made->narrow, waveform);
    enum atalaya_result result = create_parts(made, rate_hz, input);
    if (result != ATALAYA_OK) {
        two_tone_destroy(made);
        return result;
    }
    two_tone_reset(made);
    *modem = made;
    return ATALAYA_OK;
}

/* The newest bit, without its phases. */
static void slice(struct modem *modem, float complex z)
{
    const struct tone_windows *windows = &modem->windows;
    const uint64_t newest = windows->total - 1;
    const double end = (double)newest + 0.5;
    const float complex m = windows->mark[newest % TONE_WINDOWS], s = windows->space[newest % TONE_WINDOWS];
    float mark = sqrtf(crealf(m) * crealf(m) + cimagf(m) * cimagf(m));
    float space = sqrtf(crealf(s) * crealf(s) + cimagf(s) * cimagf(s));
    slicer_execute(&modem->slicer, mark, space, end, &modem->trains[TIMING_LANES]);
    if (modem->waveform->radio && narrow_band_push(&modem->narrow, z, &mark, &space))
        slicer_execute(&modem->bare, mark, space, end - NARROW_BAND_LAG, &modem->trains[BARE]);
}

static void detect(struct modem *modem)
{
    for (unsigned i = 0; i < modem->block.count; i++) {
        tone_windows_push(&modem->windows, modem->block.z[i]);
        timing_bank_execute(&modem->bank, &modem->windows, modem->trains);
        slice(modem, modem->block.z[i]);
        if (modem->is_msk)
            msk_detector_push(&modem->msk, modem->block.z[i], &modem->trains[MSK]);
        if (modem->radio)
            rf_detector_watch(modem->radio, &modem->windows);
    }
}

static void read_radio(struct modem *modem, modem_sink *sink, void *context)
{
    bool more = true;
    while (more) {
        more = rf_detector_execute(modem->radio, &modem->trains[RADIO]);
        bit_train_flush(&modem->trains[RADIO], RADIO, sink, context);
    }
}

static void work(struct modem *modem, const float *audio, size_t count, modem_sink *sink, void *context)
{
    if (modem->radio && !modem->discriminator)
        rf_detector_push_audio(modem->radio, audio, count);
    front_end_execute(modem->front_end, audio, count, &modem->block);
    burst_meter_execute(&modem->meter, &modem->block);
    detect(modem);
    for (unsigned k = 0; k < BRANCHES + 1U; k++)
        bit_train_flush(&modem->trains[k], k, sink, context);
    if (modem->radio && !modem->discriminator)
        read_radio(modem, sink, context);
}

/* The bits of a branch follow each other without a gap, whatever the gate leaves out: only noise. */
static void pass_gate(struct modem *modem, const float *audio, unsigned count, modem_sink *sink,
                      void *context)
{
    unsigned taken;
    gate_push(modem->gate, audio, count);
    (void)gate_skip(modem->gate);
    while ((taken = gate_take(modem->gate, &audio)) > 0)
        work(modem, audio, taken, sink, context);
}

void two_tone_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink, void *context)
{
    const size_t most = modem->gate ? GATE_CHUNK_MAX : FRONT_END_CHUNK_MAX;
    while (count > 0) {
        size_t chunk = count < most ? count : most;
        if (modem->gate)
            pass_gate(modem, audio, (unsigned)chunk, sink, context);
        else
            work(modem, audio, chunk, sink, context);
        audio += chunk;
        count -= chunk;
    }
}

void two_tone_execute_iq(struct modem *modem, const float complex *iq, size_t count, modem_sink *sink,
                         void *context)
{
    float audio[DISCRIMINATOR_CHUNK_MAX];
    while (count > 0) {
        size_t taken, made = discriminator_execute(modem->discriminator, iq, count, audio, &taken);
        if (modem->radio)
            rf_detector_push(modem->radio, iq, taken, audio, made);
        two_tone_execute(modem, audio, made, sink, context);
        if (modem->radio)
            read_radio(modem, sink, context);
        iq += taken;
        count -= taken;
    }
}

void two_tone_satisfy(struct modem *modem, unsigned branch, uint64_t first_bit)
{
    double start, length;
    if (!modem->radio || branch >= RADIO ||
        !bit_train_holds(&modem->trains[branch], first_bit, first_bit + 1))
        return;
    bit_train_clock(&modem->trains[branch], first_bit, first_bit + 1, modem->meter.total, &start, &length);
    rf_detector_satisfy(modem->radio, start);
}

void two_tone_finish(struct modem *modem, modem_sink *sink, void *context)
{
    if (!modem->radio)
        return;
    rf_detector_finish(modem->radio);
    read_radio(modem, sink, context);
}

enum atalaya_result two_tone_measure(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                     uint64_t end_bit, struct burst_figures *figures)
{
    const unsigned branches = modem->waveform->radio ? RADIO + (modem->radio ? 1U : 0U) : MSK + 1U;
    if (branch >= branches || first_bit >= end_bit)
        return ATALAYA_E_ARGUMENT;
    const struct bit_train *train = &modem->trains[branch];
    if (!bit_train_holds(train, first_bit, end_bit))
        return ATALAYA_E_RANGE;
    struct burst_span span = {.train = train, .first_bit = first_bit, .end_bit = end_bit};
    bit_train_clock(train, first_bit, end_bit, modem->meter.total, &span.start, &span.length);
    if (!modem->radio || branch != RADIO) /* which knows better than the audio */
        burst_timing_refine(&modem->meter, &span);
    double end = span.start + (double)(end_bit - first_bit) * span.length;
    figures->first_sample = front_end_input_time(modem->front_end, span.start);
    figures->end_sample = front_end_input_time(modem->front_end, end);
    burst_meter_measure(&modem->meter, &span, figures);
    if (modem->gate) {
        figures->first_sample = gate_input_time(modem->gate, figures->first_sample);
        figures->end_sample = gate_input_time(modem->gate, figures->end_sample);
    }
    if (modem->discriminator)
        discriminator_tell(modem->discriminator, modem->waveform->bit_rate, figures);
    if (modem->radio && modem->discriminator && branch == RADIO)
        figures->offset_hz = rf_detector_offset_hz(modem->radio, train, first_bit, end_bit);
    return ATALAYA_OK;
}
