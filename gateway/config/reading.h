/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of reading a configuration share: screen -> read (libconfuse) -> fill -> review. Main
 * thread. */
#ifndef ATALAYA_CONFIG_READING_H
#define ATALAYA_CONFIG_READING_H

#include <confuse.h>

#include "atalaya/gateway/config.h"
#include "atalaya/protocol/protocol.h"
#include "config/keys.h"

enum {
    CONFIG_FILE_MAX = 1 << 20,    /* bytes of a configuration file */
    CONFIG_BRACES_MAX = 4608,     /* in a file: every unit, source and channel, each with a list */
    CONFIG_COMMAS_MAX = 64,       /* in a list: libconfuse grows lists one by one */
    CONFIG_STRING_MAX = 1024,     /* bytes of a text; libconfuse grows texts by 32 */
    CONFIG_DEPTH_MAX = 3,         /* source { channel { list { */
    CONFIG_UNKNOWN_MAX = 16,      /* unknown names reported in one go */
    CONFIG_SECTION_KEYS_MAX = 48, /* options of one section, subsections and unknown names included */
    CONFIG_COMPLAINTS_MAX = 64,   /* reported in one go */
    CONFIG_COMPLAINT_TEXT = 320
};

struct complaint {
    bool is_error;
    unsigned line;
    char text[CONFIG_COMPLAINT_TEXT];
};

struct complaints {
    unsigned count, more; /* more: left out beyond the cap */
    unsigned errors;      /* what is not a warning */
    struct complaint item[CONFIG_COMPLAINTS_MAX];
};

void complain_error(struct complaints *complaints, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, but the configuration stays usable. */
void complain_warning(struct complaints *complaints, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Hands all on in the order of their lines. */
void complaints_report(struct complaints *complaints, const char *file, config_complaint *complain,
                       void *context);

/* load.c: the whole file, at most one byte beyond the cap, so that config_parse can refuse it; to free. NULL:
 * errno says why. */
char *config_read_file(const char *path, size_t *size);

/* A value as libconfuse met it. */
struct setting {
    unsigned line;
    char text[];
};

struct unknown_name {
    enum config_section section;
    char name[CONFIG_WORD_MAX];
};

/* One reading of one file. */
struct reading {
    const char *file;
    char directory[CONFIG_PATH_MAX]; /* with the slash at its end; "" = where the program stands */
    struct complaints complaints;
    struct config *config;
    unsigned line[SECTION_COUNT]
                 [CONFIG_UNITS_MAX]; /* where each section begins; without a title: a key of it */
    bool faulty[SECTION_COUNT][CONFIG_UNITS_MAX]; /* values of it were refused: no cross checks on it */
    /* for libconfuse */
    bool parsing;
    bool found_unknown; /* in this pass */
    unsigned unknown_count;
    struct unknown_name unknown[CONFIG_UNKNOWN_MAX];
    cfg_opt_t options[SECTION_COUNT + 1][CONFIG_SECTION_KEYS_MAX];
};

/* Blanks comments and refuses what libconfuse's lexer does beyond the language of atalaya.conf(5). text
 * [size: size + 1], terminated. false: complaints say why. */
bool screen_text(char *text, size_t size, struct complaints *complaints);

/* libconfuse, until every unknown name (to its cap) has been reported. NULL: complaints say why. Free with
 * cfg_free. */
cfg_t *read_sections(struct reading *reading, const char *text);
/* Where a titled section begins. */
unsigned section_line(cfg_t *section);

/* Values into reading->config, defaults into the rest. */
void fill_config(struct reading *reading, cfg_t *root);
/* Defaults that follow from other keys. */
void complete_config(struct reading *reading);
/* What no row can say alone: names given twice, files without their keys, radios with two owners. */
void review_config(struct reading *reading);
void review_sources(struct reading *reading);
void review_radios(struct reading *reading);
/* As far as that is known without opening it: a WAV tells its rate later, SigMF everything. */
bool source_is_band(const struct config_source *source);
bool source_is_radio(const struct config_source *source); /* rtl_tcp or soapy */
/* Of one source. */
void review_port(struct reading *reading, unsigned index);
void review_band(struct reading *reading, unsigned index);
void review_audio(struct reading *reading, unsigned index);
void review_brokers(struct reading *reading);
void review_privacy(struct reading *reading); /* what a broker may know */
void review_centres(struct reading *reading);
void review_transmitters(struct reading *reading);
/* Is the radio, "<address space>.<id>", one that this protocol says something as? row may be NULL. */
bool radio_is_of(const struct protocol_row *row, const char *radio);
void review_answers(struct reading *reading);
void review_units(struct reading *reading);
void review_codes(struct reading *reading);
void review_variants(struct reading *reading);

enum { CONFIG_WHY_MAX = 192 };
/* One value into its member (element: of a list). false: why says what would do. */
bool store_value(const struct config_key *key, void *member, const char *text, char why[CONFIG_WHY_MAX]);
/* The range of a key in words for people, "" where it has none. */
void describe_range(const struct config_key *key, char *text, size_t size);

#endif
