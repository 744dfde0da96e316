/* SPDX-License-Identifier: Apache-2.0 */
/* One line of text for a terminal: bounded, in columns, with foreign text made harmless. */
#ifndef ATALAYA_MQTT_LINE_H
#define ATALAYA_MQTT_LINE_H

#include <stddef.h>

struct line {
    char *text;
    size_t size, used;
    unsigned width; /* characters on the screen so far */
};

void line_begin(struct line *line, char *text, size_t size);
/* Our own words. */
void line_put(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* UTF-8 from the air, at most `most` characters of it: control, invisible and direction-changing characters
 * and broken UTF-8 become '?'. */
void line_put_foreign(struct line *line, const char *text, size_t length, unsigned most);
/* The same inside of XML, as text or as an attribute. */
void line_put_xml(struct line *line, const char *text, size_t length, unsigned most);
/* Spaces up to a column, at least one. */
void line_column(struct line *line, unsigned column);
/* A colour: no width. Always fits, because line_begin keeps room for two. */
void line_escape(struct line *line, const char *sequence);

#endif
