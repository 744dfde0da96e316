/* SPDX-License-Identifier: Apache-2.0 */
/* Complaints are collected, so that one run names all that is wrong, and told in the order of the file. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/reading.h"
#include "config/text.h"

static void keep(struct complaints *complaints, unsigned line, const char *prefix, const char *format,
                 va_list args) __attribute__((format(printf, 4, 0)));

static void keep(struct complaints *complaints, unsigned line, const char *prefix, const char *format,
                 va_list args)
{
    struct complaint complaint = {.line = line};
    int used = snprintf(complaint.text, sizeof complaint.text, "%s", prefix);
    vsnprintf(complaint.text + used, sizeof complaint.text - (size_t)used, format, args);
    if (!text_is_utf8(complaint.text)) /* it quotes a hostile file, or was cut inside a character */
        for (char *c = complaint.text; *c; c++)
            if (*c < ' ' || *c > '~')
                *c = '?';
    for (unsigned i = 0; i < complaints->count; i++)
        if (complaints->item[i].line == line && strcmp(complaints->item[i].text, complaint.text) == 0)
            return; /* said in an earlier pass, or of another element of the same list */
    if (complaints->count == CONFIG_COMPLAINTS_MAX) {
        complaints->more++;
        return;
    }
    complaints->item[complaints->count++] = complaint;
}

void complain_error(struct complaints *complaints, unsigned line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(complaints, line, "", format, args);
    va_end(args);
    complaints->errors++;
}

void complain_warning(struct complaints *complaints, unsigned line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(complaints, line, "warning: ", format, args);
    va_end(args);
}

static int by_line(const void *a, const void *b)
{
    const struct complaint *left = a, *right = b;
    return (left->line > right->line) - (left->line < right->line);
}

void complaints_report(struct complaints *complaints, const char *file, config_complaint *complain,
                       void *context)
{
    qsort(complaints->item, complaints->count, sizeof *complaints->item, by_line);
    for (unsigned i = 0; i < complaints->count; i++)
        complain(context, file, complaints->item[i].line, complaints->item[i].text);
    if (complaints->more) {
        char text[64];
        snprintf(text, sizeof text, "%sand %u more; correct these first",
                 complaints->errors ? "" : "warning: ", complaints->more);
        complain(context, file, 0, text);
    }
}
