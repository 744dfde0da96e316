/* SPDX-License-Identifier: Apache-2.0 */
/* A message of the APRS parser as one line, so that a test can name all of it, and see what is too much. */
#ifndef ATALAYA_TEST_APRS_DESCRIBE_H
#define ATALAYA_TEST_APRS_DESCRIBE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../../../protocol/ax25/aprs.h"

enum { DESCRIPTION_MAX = 4096 };

struct description {
    char text[DESCRIPTION_MAX];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static inline void describe_add(struct description *d,
                                                                      const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(d->text + d->length, sizeof d->text - d->length, format, arguments);
    va_end(arguments);
    if (n > 0)
        d->length = d->length + (size_t)n < sizeof d->text ? d->length + (size_t)n : sizeof d->text - 1;
}

static inline void describe_position(struct description *d, const struct message *m)
{
    const struct position *p = &m->position;
    if (m->has_position)
        describe_add(d, " %.5f,%.5f+-%.3g", p->lat_deg, p->lon_deg, (double)p->accuracy_m);
    if (!isnan(p->course_deg))
        describe_add(d, " %.4gdeg", (double)p->course_deg);
    if (!isnan(p->speed_m_s))
        describe_add(d, " %.4gkn", (double)p->speed_m_s * 3600 / 1852);
    if (!isnan(p->alt_m))
        describe_add(d, " %.4gm", (double)p->alt_m);
    if (p->time.hour >= 0)
        describe_add(d, " time=%d/%d %d:%d:%d%s", p->time.month, p->time.day, p->time.hour, p->time.minute,
                     p->time.second, p->time.local ? " local" : "");
}

/* Kind, addressee, place, then every field as name=value. */
static inline const char *describe(const struct message *m, struct description *d)
{
    d->length = 0;
    describe_add(d, "%s%s%s", message_kind_text(m->kind), m->distress == DISTRESS_RAISED ? " DISTRESS" : "",
                 m->well_formed ? "" : " BROKEN");
    if (m->to[0])
        describe_add(d, " to=%s", m->to);
    describe_position(d, m);
    for (uint16_t i = 0; i < m->field_count; i++) {
        const struct field *f = &m->field[i];
        const char *separator = f->element ? "[]=" : "=";
        if (f->type == FIELD_TEXT)
            describe_add(d, " %s%s%s", f->name, separator, m->text + f->value.text.offset);
        else if (f->type == FIELD_REAL)
            describe_add(d, " %s%s%.4g", f->name, separator, f->value.real);
        else if (f->type == FIELD_INTEGER)
            describe_add(d, " %s%s%lld", f->name, separator, (long long)f->value.integer);
        else
            describe_add(d, " %s%s%s", f->name, separator, f->value.boolean ? "yes" : "no");
    }
    return d->text;
}

/* One information field and all that it means. */
struct example {
    const char *destination, *info, *meaning;
};

static inline void examples_check(const struct example *examples, size_t count)
{
    static struct message message;
    static struct description description;
    unsigned failures = 0;
    for (size_t i = 0; i < count; i++) {
        const struct example *e = &examples[i];
        message_reset(&message, "ax25", "ax25");
        snprintf(message.unit, sizeof message.unit, "N0GATE");
        assert_int_equal(aprs_parse(e->destination, (const uint8_t *)e->info, strlen(e->info), &message),
                         ATALAYA_OK);
        if (strcmp(describe(&message, &description), e->meaning) == 0)
            continue;
        print_error("%s: %s\n  expected %s\n  got      %s\n", e->destination, e->info, e->meaning,
                    description.text);
        failures++;
    }
    assert_int_equal(failures, 0);
}

#endif
