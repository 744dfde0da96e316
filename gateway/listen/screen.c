/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/screen.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mqtt/line.h"

enum {
    METER = 16,
    COLUMN_MHZ = 11,
    COLUMN_METER = 21,
    COLUMN_DB = 40,
    NAME_CHARACTERS = 10,
    UNIT_CHARACTERS = 20
};
static const double meter_least_db = -96.0, meter_step_db = 6.0; /* up to 0 */
static const double clip_hold_s = 3.0;
static const float least_range_db = 24.0F;
static const char red[] = "\033[1;31m", green[] = "\033[32m", dim[] = "\033[2m", plain[] = "\033[0m";

static struct line begin(struct screen *screen)
{
    struct line line;
    if (screen->rows == SCREEN_ROWS_MAX)
        screen->rows--; /* the last line is written over */
    line_begin(&line, screen->line[screen->rows++], SCREEN_LINE_MAX);
    return line;
}

/* Whole, in so many characters; a sign where direction counts. */
static void put_number(struct line *line, int width, bool sign, double value)
{
    if (!isfinite(value))
        line_put(line, "%*s", width, "-");
    else if (sign)
        line_put(line, "%+*.0f", width, value);
    else
        line_put(line, "%*.0f", width, value);
}

static void put_megahertz(struct line *line, double hz)
{
    line_put(line, "%.5f", hz * 1e-6);
}

/* How many steps of a meter a level fills; 0: none, or not known. */
static int meter_steps(float level_dbfs)
{
    double steps = ceil(((double)level_dbfs - meter_least_db) / meter_step_db);
    return steps >= METER ? METER : steps >= 1.0 ? (int)steps : 0;
}

/* '#' the level, '|' the peak held, ':' the noise below. */
static void put_meter(struct line *line, const struct listen_channel *channel)
{
    char text[METER + 1];
    int level = meter_steps(channel->level_dbfs), noise = meter_steps(channel->floor_dbfs) - 1;
    int peak = meter_steps(channel->peak_dbfs) - 1;
    for (int i = 0; i < METER; i++)
        text[i] = i < level ? '#' : '.';
    if (noise >= 0)
        text[noise] = ':';
    if (peak >= 0 && peak >= level)
        text[peak] = '|';
    text[METER] = '\0';
    line_put(line, "[%s]", text);
}

static void put_age(struct line *line, double age_s)
{
    if (age_s < 100.0)
        line_put(line, "%.0f s", age_s);
    else if (age_s < 6000.0)
        line_put(line, "%.0f min", age_s / 60.0);
    else
        line_put(line, "%.0f h", age_s / 3600.0);
}

static void draw_channel(struct screen *screen, const struct listen_model *model,
                         const struct listen_channel *channel, bool colour)
{
    struct line line = begin(screen);
    bool clipped = model->clip_s >= 0.0 && model->now_s - model->clip_s < clip_hold_s;
    if (colour && channel->open)
        line_escape(&line, green);
    line_put_foreign(&line, channel->name, strlen(channel->name), NAME_CHARACTERS);
    line_column(&line, COLUMN_MHZ);
    if (isfinite(channel->frequency_hz))
        put_megahertz(&line, channel->frequency_hz);
    line_column(&line, COLUMN_METER);
    put_meter(&line, channel);
    line_put(&line, "%s", clipped ? "!" : channel->open ? "*" : " ");
    line_column(&line, COLUMN_DB);
    put_number(&line, 5, false, (double)channel->level_dbfs);
    put_number(&line, 5, false, (double)channel->floor_dbfs);
    put_number(&line, 4, false, (double)channel->snr_db);
    put_number(&line, 6, true, (double)channel->offset_hz);
    line_put(&line, "%5llu%5llu ", (unsigned long long)channel->transmissions,
             (unsigned long long)channel->bursts);
    line_put_foreign(&line, channel->unit, strlen(channel->unit), UNIT_CHARACTERS);
    if (channel->heard_s >= 0.0) {
        line_put(&line, " ");
        put_age(&line, model->now_s - channel->heard_s);
    }
    if (colour && channel->open)
        line_escape(&line, plain);
}

/* How high a column stands over the noise of all of them, in eighths of `range_db`. */
static int height(float db, float least_db, float range_db)
{
    float step = floorf((db - least_db) / range_db * 8.0F);
    return step >= 8.0F ? 8 : step >= 1.0F ? (int)step : 0;
}

/* Black just under the middle of all columns, which is noise where there is any; white at the strongest. */
static void scale(const struct listen_model *model, float *least_db, float *range_db)
{
    float sorted[LISTEN_COLUMNS_MAX];
    for (unsigned i = 0; i < model->columns; i++) {
        unsigned at = i;
        for (; at > 0 && sorted[at - 1] > model->column_db[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = model->column_db[i];
    }
    *least_db = sorted[model->columns / 2] + 1.0F;
    *range_db = fmaxf(sorted[model->columns - 1] - *least_db, least_range_db);
}

static void draw_spectrum(struct screen *screen, const struct listen_model *model, bool unicode)
{
    static const char *const blocks[] = {" ",      "\u2581", "\u2582", "\u2583", "\u2584",
                                         "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char shades[] = " .:-=+*#@";
    float least_db, range_db;
    if (model->columns == 0)
        return;
    scale(model, &least_db, &range_db);
    struct line line = begin(screen);
    line_put(&line, "%-14.6f", model->left_hz * 1e-6);
    line_put(&line, "%*s", (int)model->columns > 42 ? (int)model->columns - 28 : 14, "MHz");
    line_put(&line, "%14.6f", model->right_hz * 1e-6);
    line = begin(screen);
    for (unsigned i = 0; i < model->columns; i++) {
        int step = height(model->column_db[i], least_db, range_db);
        if (unicode)
            line_put(&line, "%s", blocks[step]);
        else
            line_put(&line, "%c", shades[step]);
    }
    line_put(&line, " %.0f dB", (double)(least_db + range_db));
    for (unsigned row = 0; row < model->waterfall_count; row++) {
        line = begin(screen);
        for (unsigned i = 0; i < model->columns; i++)
            line_put(&line, "%c", shades[height(model->waterfall_db[row][i], least_db, range_db)]);
    }
}

void screen_draw(struct screen *screen, const struct listen_model *model, unsigned rows, unsigned columns,
                 bool unicode, bool colour)
{
    bool clipped = model->clip_s >= 0.0 && model->now_s - model->clip_s < clip_hold_s;
    rows = rows < SCREEN_ROWS_MAX ? rows : SCREEN_ROWS_MAX;
    memset(screen, 0, sizeof *screen);
    screen->columns = columns;
    struct line line = begin(screen);
    line_put(&line, "%s", model->title);
    line = begin(screen);
    line_put(&line, "%s", model->state);
    if (clipped) {
        if (colour)
            line_escape(&line, red);
        line_put(&line, "  CLIPPING");
        if (colour)
            line_escape(&line, plain);
    } else if (model->clip_peak > 0.0F)
        line_put(&line, "  peak %.3f", (double)model->clip_peak);
    if (model->dead)
        line_put(&line, "  EVERY SAMPLE IS THE SAME");
    if (model->lost_frames)
        line_put(&line, "  lost %llu", (unsigned long long)model->lost_frames);
    draw_spectrum(screen, model, unicode);
    line = begin(screen);
    if (colour)
        line_escape(&line, dim);
    line_put(&line, "%-10s %-9s %-18s %5s%5s%4s%6s%5s%5s %s", "channel", "MHz", "-96 to 0 dBFS", "now", "flr",
             "snr", "Hz", "sent", "read", "last");
    if (colour)
        line_escape(&line, plain);
    unsigned spare = rows > screen->rows + 1 ? rows - screen->rows - 1 : 0; /* the last row: keys */
    unsigned shown = model->channel_count < spare ? model->channel_count : spare;
    for (unsigned i = 0; i < shown; i++)
        draw_channel(screen, model, &model->channels[i], colour);
    if (shown < model->channel_count && screen->rows > 0) {
        screen->rows--;
        line = begin(screen);
        line_put(&line, "... and %u more channels", model->channel_count - shown + 1);
    }
    for (unsigned i = 0; i < model->heard_count && screen->rows + 1 < rows; i++) {
        line = begin(screen);
        line_put(&line, "%s", model->heard[i]);
    }
    while (screen->rows + 1 < rows)
        (void)begin(screen);
    line = begin(screen);
    line_put(&line, "%s", model->keys);
}

/* The part of a line that fits: a longer one would wrap and push all below it down. */
static size_t fitting(const char *text, unsigned columns)
{
    size_t at = 0;
    for (unsigned width = 0; text[at]; at++) {
        if (text[at] == '\033') {
            at += strcspn(text + at, "m");
            continue;
        }
        if (((unsigned char)text[at] & 0xc0U) == 0x80U)
            continue;
        if (width++ == columns)
            break;
    }
    return at;
}

size_t screen_update(struct screen *shown, const struct screen *next, char *bytes)
{
    size_t used = 0;
    bool all = shown->rows != next->rows || shown->columns != next->columns;
    if (all)
        used += (size_t)sprintf(bytes, "\033[2J");
    for (unsigned i = 0; i < next->rows; i++) {
        if (!all && strcmp(shown->line[i], next->line[i]) == 0)
            continue;
        int length = snprintf(bytes + used, SCREEN_BYTES_MAX - used, "\033[%u;1H%.*s\033[0m\033[K", i + 1,
                              (int)fitting(next->line[i], next->columns), next->line[i]);
        if (length < 0 || (size_t)length >= SCREEN_BYTES_MAX - used)
            break;
        used += (size_t)length;
    }
    *shown = *next;
    return used;
}
