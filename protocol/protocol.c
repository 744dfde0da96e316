/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/protocol.h"

#include <string.h>

#define ATALAYA_PROTOCOL(id, title, specification, modems, transmits)                                        \
    extern const struct protocol protocol_##id;
#include "atalaya/protocol/protocols.def"
#undef ATALAYA_PROTOCOL

const struct protocol_row protocol_table[] = {
#define ATALAYA_PROTOCOL(id, title, specification, modems, transmits)                                        \
    {#id, title, specification, modems, transmits, &protocol_##id},
#include "atalaya/protocol/protocols.def"
#undef ATALAYA_PROTOCOL
};

const size_t protocol_table_size = sizeof protocol_table / sizeof *protocol_table;

bool protocol_id_is(const char *id, const char *word)
{
    while (*id && (*id == *word || (*id == '_' && *word == '-'))) {
        id++;
        word++;
    }
    return *id == *word;
}

const struct protocol_row *protocol_find(const char *id)
{
    for (size_t i = 0; i < protocol_table_size; i++)
        if (protocol_id_is(protocol_table[i].id, id))
            return &protocol_table[i];
    return NULL;
}

/* Place of `word` among words separated by spaces, or -1. */
static int place_of(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (int n = 0; *words; n++) {
        size_t span = strcspn(words, " ");
        if (span == length && memcmp(words, word, span) == 0)
            return n;
        words += span + strspn(words + span, " ");
    }
    return -1;
}

bool protocol_uses_modem(const struct protocol_row *row, const char *modem_id)
{
    return place_of(row->modems, modem_id) >= 0;
}

uint32_t protocol_variant(const struct protocol *protocol, const char *name)
{
    int place = protocol->variants ? place_of(protocol->variants, name) : -1;
    return place >= 0 && place < 32 ? UINT32_C(1) << place : 0;
}
