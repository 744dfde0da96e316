/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/check_ins.h"

#include <stdlib.h>
#include <string.h>

struct expected {
    char unit[CONFIG_NAME_MAX];
    int64_t every_ns, heard_ns; /* heard_ns: or since when it is waited for */
};

struct check_ins {
    struct expected *expected; /* [size: count] */
    unsigned count;
    int64_t limit_ns, heard_ns;
    bool anybody;
};

static const struct expected *find(const struct check_ins *c, const char *unit)
{
    for (unsigned i = 0; i < c->count; i++)
        if (strcmp(c->expected[i].unit, unit) == 0)
            return &c->expected[i];
    return NULL;
}

enum atalaya_result check_ins_configure(struct check_ins *c, const struct config *config, int64_t now_ns)
{
    unsigned count = 0;
    struct expected *made = calloc(config->unit_count + 1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    for (unsigned i = 0; i < config->unit_count; i++) {
        const struct config_unit *unit = &config->unit[i];
        if (!(unit->expect_every_s > 0.0))
            continue;
        const struct expected *before = find(c, unit->name);
        struct expected *next = &made[count++];
        memcpy(next->unit, unit->name, sizeof next->unit);
        next->every_ns = (int64_t)(unit->expect_every_s * 1e9);
        next->heard_ns = before ? before->heard_ns : now_ns;
    }
    free(c->expected);
    c->expected = made;
    c->count = count;
    c->limit_ns = (int64_t)(config->guard.quiet_limit_s * 1e9);
    return ATALAYA_OK;
}

enum atalaya_result check_ins_create(const struct config *config, int64_t now_ns,
                                     struct check_ins **check_ins)
{
    struct check_ins *c = calloc(1, sizeof *c);
    if (!c)
        return ATALAYA_E_MEMORY;
    c->heard_ns = now_ns;
    enum atalaya_result result = check_ins_configure(c, config, now_ns);
    if (result == ATALAYA_OK)
        *check_ins = c;
    else
        free(c);
    return result;
}

void check_ins_hear(struct check_ins *c, const char *unit, int64_t mono_ns)
{
    c->anybody = true;
    if (mono_ns > c->heard_ns)
        c->heard_ns = mono_ns;
    for (unsigned i = 0; i < c->count; i++)
        if (strcmp(c->expected[i].unit, unit) == 0 && mono_ns > c->expected[i].heard_ns)
            c->expected[i].heard_ns = mono_ns;
}

static bool is_missing(const struct expected *expected, int64_t now_ns)
{
    return now_ns - expected->heard_ns > expected->every_ns;
}

void check_ins_figures(const struct check_ins *c, int64_t now_ns, struct check_in_figures *figures)
{
    int64_t quiet_ns = now_ns > c->heard_ns ? now_ns - c->heard_ns : 0;
    *figures = (struct check_in_figures){.expected = c->count,
                                         .anybody = c->anybody,
                                         .quiet_s = (double)quiet_ns * 1e-9,
                                         .too_quiet = c->limit_ns > 0 && quiet_ns > c->limit_ns};
    for (unsigned i = 0; i < c->count; i++)
        figures->missing += is_missing(&c->expected[i], now_ns);
    figures->all_missing = c->count > 1 && figures->missing == c->count;
}

void check_ins_missing(const struct check_ins *c, int64_t now_ns, check_in_missing *each, void *context)
{
    for (unsigned i = 0; i < c->count; i++)
        if (is_missing(&c->expected[i], now_ns))
            each(context, c->expected[i].unit, (double)(now_ns - c->expected[i].heard_ns) * 1e-9);
}

void check_ins_destroy(struct check_ins *c)
{
    if (!c)
        return;
    free(c->expected);
    free(c);
}
