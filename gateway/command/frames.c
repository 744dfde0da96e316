/* SPDX-License-Identifier: Apache-2.0 */
#include "frames.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "atalaya/gateway/command.h"

bool frames_list_has(const char *list, const char *id)
{
    size_t length = strlen(id);
    while (list && *list) {
        size_t span = strcspn(list, ",");
        char word[32];
        (void)snprintf(word, sizeof word, "%.*s", (int)span, list);
        if (span == length && protocol_id_is(id, word))
            return true;
        list += span + (list[span] == ',');
    }
    return list == NULL;
}

static int hex_digit(int c)
{
    return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* Hex digits, blanks allowed between bytes. */
static enum atalaya_result read_hex(struct message *message, const char *line, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        if (isspace((unsigned char)line[i]))
            continue;
        int high = hex_digit((unsigned char)line[i]);
        int low = i + 1 < length ? hex_digit((unsigned char)line[i + 1]) : -1;
        if (high < 0 || low < 0)
            return ATALAYA_E_FORMAT;
        if (count == MESSAGE_RAW_MAX)
            return ATALAYA_E_LENGTH;
        message->raw[count++] = (uint8_t)(high << 4 | low);
        i++;
    }
    message->raw_length = (uint16_t)count;
    return count ? ATALAYA_OK : ATALAYA_E_LENGTH;
}

struct form {
    const struct protocol_row *row;
    bool is_text;
};

static bool find_form(const char *word, struct form *form)
{
    for (size_t i = 0; i < protocol_table_size; i++) {
        const struct protocol_row *row = &protocol_table[i];
        const char *text_form = row->protocol->text_form;
        form->row = row;
        form->is_text = text_form && (strcmp(text_form, word) == 0 || protocol_id_is(text_form, word));
        if (form->is_text || protocol_id_is(row->id, word))
            return true;
    }
    return false;
}

static enum atalaya_result decode_line(const struct form *form, struct message *message, const char *line,
                                       size_t length)
{
    const struct protocol *protocol = form->row->protocol;
    message_reset(message, form->row->id, protocol->address_space);
    if (form->is_text)
        return protocol->from_text(message, line, length);
    enum atalaya_result result = read_hex(message, line, length);
    return result == ATALAYA_OK ? protocol->parse(message) : result;
}

/* Text lines end with \n only: a \r belongs to the packet. */
static size_t trim(const struct form *form, const char *line, size_t length)
{
    if (length && line[length - 1] == '\n')
        length--;
    while (!form->is_text && length && isspace((unsigned char)line[length - 1]))
        length--;
    return length;
}

static void decode_stream(const struct form *form, FILE *in, const char *name, receiver_sink *sink,
                          void *context, bool quiet)
{
    static struct reception reception;
    uint64_t number = 0, good = 0, refused = 0;
    char *line = NULL;
    size_t size = 0;
    ssize_t got;

    while ((got = getline(&line, &size, in)) > 0) {
        number++;
        size_t length = trim(form, line, (size_t)got);
        if (length == 0)
            continue;
        reception_reset(&reception);
        enum atalaya_result result = decode_line(form, &reception.message, line, length);
        if (result != ATALAYA_OK) {
            refused++;
            if (!quiet)
                fprintf(stderr, "%s:%" PRIu64 ": no %s frame: %s\n", name, number, form->row->id,
                        atalaya_result_text(result));
            continue;
        }
        good++;
        reception.dedupe = message_dedupe(&reception.message);
        sink(context, &reception);
    }
    free(line);
    if (!quiet)
        fprintf(stderr, "%s: %" PRIu64 " lines, %" PRIu64 " messages, %" PRIu64 " refused\n", name, number,
                good, refused);
}

int frames_decode(const char *word, char **files, receiver_sink *sink, void *context, bool quiet)
{
    struct form form;
    int status = 0;
    if (!find_form(word, &form)) {
        fprintf(stderr, "atalaya decode: no frame form '%s'; see atalaya decode --help\n", word);
        return EXIT_USAGE;
    }
    for (; *files; files++) {
        bool is_stdin = strcmp(*files, "-") == 0;
        FILE *in = is_stdin ? stdin : fopen(*files, "r");
        if (!in) {
            perror(*files);
            status = 1;
            continue;
        }
        decode_stream(&form, in, *files, sink, context, quiet);
        if (ferror(in)) {
            perror(*files);
            status = 1;
        }
        if (!is_stdin)
            fclose(in);
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        status = 1;
    return status;
}
