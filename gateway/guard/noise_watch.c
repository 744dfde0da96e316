/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/noise_watch.h"

#include <math.h>
#include <stddef.h>

/* How far the usual level follows in a window: a median, so that rare loud windows do not move it. Young it
 * moves fast. From beyond the limits it moves 1 dB a day: a receiver that has gone deaf must not become the
 * usual thing overnight, and a site that has changed for good comes right in the end. */
static const double step_db = 0.02, young_step_db = 1.0;
static const double faulty_step_db = NOISE_WINDOW_S / 86400.0;
static const double all_zero_dbfs = -200.0;

const char *noise_fault_text(enum noise_fault fault)
{
    static const char *const text[] = {"well", "silent", "clipped", "noise_fallen", "noise_risen"};
    return text[fault];
}

static void window_begin(struct noise_watch *w)
{
    w->piece_power = w->piece_s = w->window_s = 0.0;
    w->quietest_dbfs = (double)INFINITY;
    w->loudest_dbfs = -(double)INFINITY;
    w->any_life = w->any_sample = false;
    w->clipped = w->samples = 0.0;
}

void noise_watch_reset(struct noise_watch *watch, const struct noise_settings *settings,
                       const struct noise_usual *usual)
{
    *watch = (struct noise_watch){
        .settings = *settings, .usual = {(double)NAN, (double)NAN, 0.0}, .judged_dbfs = (double)NAN};
    if (usual && isfinite(usual->quietest_dbfs) && isfinite(usual->loudest_dbfs) && usual->age_s >= 0.0)
        watch->usual = *usual;
    window_begin(watch);
}

void noise_watch_open(struct noise_watch *watch, bool iq)
{
    watch->iq = iq;
    window_begin(watch);
}

static void steady_execute(struct noise_steady *s, bool bad, double after_s)
{
    s->bad_s = bad ? s->bad_s + NOISE_WINDOW_S : 0.0;
    s->good_s = bad ? 0.0 : s->good_s + NOISE_WINDOW_S;
    if (s->bad_s >= after_s)
        s->on = true;
    else if (s->good_s >= after_s / 6.0)
        s->on = false;
}

static void follow(double *usual, double now, double most)
{
    *usual = isnan(*usual) ? now : *usual + fmin(fmax(now - *usual, -most), most);
}

static void learn(struct noise_watch *w, bool off)
{
    bool young = w->usual.age_s < w->settings.learn_s;
    double step = young ? young_step_db : off ? faulty_step_db : step_db;
    follow(&w->usual.quietest_dbfs, w->quietest_dbfs, step);
    follow(&w->usual.loudest_dbfs, w->loudest_dbfs, step);
    w->usual.age_s += NOISE_WINDOW_S;
}

static void judge(struct noise_watch *w)
{
    const struct noise_settings *settings = &w->settings;
    double deaf_dbfs = w->iq ? w->quietest_dbfs : w->loudest_dbfs;
    double usual_dbfs = w->iq ? w->usual.quietest_dbfs : w->usual.loudest_dbfs;
    bool grown = w->usual.age_s >= settings->learn_s && isfinite(usual_dbfs);
    double fall_db = usual_dbfs - deaf_dbfs, rise_db = w->quietest_dbfs - w->usual.quietest_dbfs;
    bool silent = w->any_sample && !w->any_life;
    bool clipped = w->clipped > NOISE_CLIP_MOST * w->samples;
    double fall_most = settings->fall_db - (w->steady[NOISE_FALLEN].on ? NOISE_BACK_DB : 0.0);
    double rise_most = settings->rise_db - (w->steady[NOISE_RISEN].on ? NOISE_BACK_DB : 0.0);
    bool fallen = grown && settings->fall_db > 0.0 && fall_db > fall_most;
    bool risen = grown && settings->rise_db > 0.0 && rise_db > rise_most;
    w->judged_dbfs = deaf_dbfs;
    steady_execute(&w->steady[NOISE_SILENT], silent, settings->after_s);
    steady_execute(&w->steady[NOISE_CLIPPED], clipped && !silent, settings->after_s);
    steady_execute(&w->steady[NOISE_FALLEN], fallen, settings->after_s);
    steady_execute(&w->steady[NOISE_RISEN], risen, settings->after_s);
    if (!silent && !clipped)
        learn(w, fallen || risen);
}

static void piece_end(struct noise_watch *w)
{
    double power = w->piece_power / w->piece_s;
    double level_dbfs = power > 0.0 ? fmax(10.0 * log10(power), all_zero_dbfs) : all_zero_dbfs;
    w->quietest_dbfs = fmin(w->quietest_dbfs, level_dbfs);
    w->loudest_dbfs = fmax(w->loudest_dbfs, level_dbfs);
    w->piece_power = w->piece_s = 0.0;
}

void noise_watch_execute(struct noise_watch *w, double level_dbfs, double seconds, bool alive, double clipped,
                         double samples)
{
    if (!(seconds > 0.0))
        return;
    w->piece_power += isfinite(level_dbfs) ? pow(10.0, level_dbfs / 10.0) * seconds : 0.0;
    w->piece_s += seconds;
    w->window_s += seconds;
    w->any_sample = true;
    w->any_life = w->any_life || alive;
    w->clipped += clipped;
    w->samples += samples;
    if (w->piece_s >= NOISE_PIECE_S)
        piece_end(w);
    if (w->window_s < NOISE_WINDOW_S)
        return;
    if (isfinite(w->loudest_dbfs))
        judge(w);
    window_begin(w);
}

void noise_watch_figures(const struct noise_watch *watch, struct noise_figures *figures)
{
    *figures = (struct noise_figures){.fault = NOISE_WELL,
                                      .level_dbfs = watch->judged_dbfs,
                                      .usual_dbfs =
                                          watch->iq ? watch->usual.quietest_dbfs : watch->usual.loudest_dbfs,
                                      .usual = watch->usual};
    for (unsigned fault = NOISE_FAULT_COUNT; fault-- > 1;) /* the plainest cause goes before */
        if (watch->steady[fault].on)
            figures->fault = (enum noise_fault)fault;
}
