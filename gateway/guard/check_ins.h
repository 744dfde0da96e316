/* SPDX-License-Identifier: Apache-2.0 */
/* Who should have been heard by now, and was not. A unit that is missing is no distress: its battery is flat,
 * or the tower is deaf, which is likelier when all of them are missing. Main thread. */
#ifndef ATALAYA_CHECK_INS_H
#define ATALAYA_CHECK_INS_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/result.h"

struct check_ins;

struct check_in_figures {
    unsigned expected, missing; /* units with expect_every_s; of these overdue */
    double quiet_s;             /* since anybody was heard, or since the start */
    bool anybody;               /* was heard since the start */
    bool too_quiet;             /* for longer than the site's limit */
    bool all_missing;           /* everybody who is expected, if that is more than one */
};

/* Errors: ATALAYA_E_MEMORY. */
enum atalaya_result check_ins_create(const struct config *config, int64_t now_mono_ns,
                                     struct check_ins **check_ins);
/* After a reload: who stays keeps the time of the last hearing. On ATALAYA_E_MEMORY nothing changes. */
enum atalaya_result check_ins_configure(struct check_ins *check_ins, const struct config *config,
                                        int64_t now_mono_ns);
/* unit: name of the registry, or of a stranger. */
void check_ins_hear(struct check_ins *check_ins, const char *unit, int64_t mono_ns);
void check_ins_figures(const struct check_ins *check_ins, int64_t now_mono_ns,
                       struct check_in_figures *figures);
/* Each overdue unit: since when, seconds, it has not been heard (at least: since the start). */
typedef void check_in_missing(void *context, const char *unit, double silent_s);
void check_ins_missing(const struct check_ins *check_ins, int64_t now_mono_ns, check_in_missing *each,
                       void *context);
void check_ins_destroy(struct check_ins *check_ins); /* NULL is allowed */

#endif
