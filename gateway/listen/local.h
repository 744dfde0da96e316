/* SPDX-License-Identifier: Apache-2.0 */
/* A source of this machine, heard into the model: opened, opened again when it went away, tuned, turned up
 * and down. One thread. */
#ifndef ATALAYA_LISTEN_LOCAL_H
#define ATALAYA_LISTEN_LOCAL_H

#include "../command/source_options.h"
#include "model.h"

struct local;

/* What a plain view prints of it: a line. */
typedef void local_line(void *context, const char *line);

/* config: as source_options_take left it; must outlive the object. Opening is tried by local_step. */
enum atalaya_result local_create(const struct source_options *options, struct config *config,
                                 struct listen_model *model, local_line *line, void *context,
                                 struct local **local);
/* At most 100 ms, or an attempt to open. ATALAYA_END: a recording is over; errors end, too, but for
 * ATALAYA_E_GONE of a live source, which is tried again. */
enum atalaya_result local_step(struct local *local);
/* Levels, spectrum and settings as they are now, into the model. */
void local_refresh(struct local *local, unsigned columns);
/* How loud it was since the last time, and what is to do about it: a line [size: LISTEN_TEXT_MAX]. false:
 * nothing came. */
bool local_level(struct local *local, char *text);
/* By so much; says in the model's state what came of it. */
void local_tune(struct local *local, double by_hz);
void local_gain(struct local *local, double by_db); /* NaN: automatic */
double local_rate_hz(const struct local *local);    /* 0: not open */
void local_destroy(struct local *local);            /* NULL is allowed */

#endif
