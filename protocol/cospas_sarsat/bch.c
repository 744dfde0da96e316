/* SPDX-License-Identifier: Apache-2.0 */
/* Syndromes, Berlekamp and Massey's algorithm, Chien's search (S. Lin and D. Costello, Error Control Coding,
 * chapter 6). The tables of the field are made on the stack: some hundred steps, beside bursts of seconds. */
#include "bch.h"

#include <string.h>

#include "bch_field.h"

/* T.001 B1: m1 = x^7 + x^3 + 1. */
const struct bch_code bch_fgb_1 = {.length = 82,
                                   .data = 61,
                                   .errors = 3,
                                   .degree = 7,
                                   .field = 0x89,
                                   .generator = 0x26d9e3,
                                   .weak = 6,
                                   .believable = 10};
/* T.001 B2: the first factor is x^6 + x + 1. */
const struct bch_code bch_fgb_2 = {.length = 38,
                                   .data = 26,
                                   .errors = 2,
                                   .degree = 6,
                                   .field = 0x43,
                                   .generator = 0x1539,
                                   .weak = 5,
                                   .believable = 20};
/* T.018 B.1: m1 = x^8 + x^4 + x^3 + x^2 + 1. */
const struct bch_code bch_sgb = {.length = 250,
                                 .data = 202,
                                 .errors = 6,
                                 .degree = 8,
                                 .field = 0x11d,
                                 .generator = UINT64_C(0x1c7eb85df3c97),
                                 .weak = 8,
                                 .believable = 10};

void bch_field_make(struct bch_field *field, const struct bch_code *code)
{
    unsigned value = 1;
    field->order = (1U << code->degree) - 1;
    field->log[0] = 0;
    for (unsigned i = 0; i < field->order; i++) {
        field->exp[i] = field->exp[i + field->order] = (uint8_t)value;
        field->log[value] = (uint8_t)i;
        value <<= 1;
        if (value >> code->degree)
            value ^= code->field;
    }
}

void bch_syndromes_flip(const struct bch_field *field, const struct bch_code *code, unsigned index,
                        struct bch_syndromes *syndromes)
{
    unsigned power = code->length - 1U - index;
    for (unsigned j = 1; j <= 2U * code->errors; j++)
        syndromes->s[j] ^= field->exp[power * j % field->order];
}

static uint8_t multiply(const struct bch_field *field, uint8_t a, uint8_t b)
{
    return a && b ? field->exp[field->log[a] + field->log[b]] : 0;
}

static uint8_t divide(const struct bch_field *field, uint8_t a, uint8_t b)
{
    return a ? field->exp[field->log[a] + field->order - field->log[b]] : 0;
}

/* Berlekamp and Massey: the shortest register that makes the syndromes. Returns the number of errors it
 * speaks of. */
static unsigned find_locator(const struct bch_field *field, const struct bch_syndromes *syndromes,
                             unsigned rounds, uint8_t locator[static BCH_LOCATOR])
{
    uint8_t previous[BCH_LOCATOR] = {1}, kept[BCH_LOCATOR];
    uint8_t last = 1;
    unsigned errors = 0, gap = 1;
    memset(locator, 0, BCH_LOCATOR);
    locator[0] = 1;
    for (unsigned n = 0; n < rounds; n++) {
        uint8_t discrepancy = syndromes->s[n + 1];
        for (unsigned i = 1; i <= errors; i++)
            discrepancy ^= multiply(field, locator[i], syndromes->s[n + 1 - i]);
        if (discrepancy == 0) {
            gap++;
            continue;
        }
        memcpy(kept, locator, sizeof kept);
        uint8_t scale = divide(field, discrepancy, last);
        for (unsigned i = 0; i + gap < BCH_LOCATOR; i++)
            locator[i + gap] ^= multiply(field, scale, previous[i]);
        if (2 * errors > n) {
            gap++;
            continue;
        }
        errors = n + 1 - errors;
        memcpy(previous, kept, sizeof previous);
        last = discrepancy;
        gap = 1;
    }
    return errors;
}

int bch_locate(const struct bch_field *field, const struct bch_code *code,
               const struct bch_syndromes *syndromes, uint8_t wrong[static BCH_ERRORS_MAX])
{
    uint8_t locator[BCH_LOCATOR];
    unsigned errors = find_locator(field, syndromes, 2U * code->errors, locator), found = 0;
    if (errors > code->errors)
        return BCH_FAILED;
    for (unsigned i = 0; i < code->length && found < errors; i++) {
        unsigned inverse = (field->order - (code->length - 1U - i)) % field->order;
        uint8_t sum = 1;
        for (unsigned k = 1; k <= errors; k++)
            if (locator[k])
                sum ^= field->exp[(field->log[locator[k]] + inverse * k) % field->order];
        if (sum == 0)
            wrong[found++] = (uint8_t)i;
    }
    return found == errors ? (int)errors : BCH_FAILED;
}

void bch_encode(const struct bch_code *code, uint8_t *word)
{
    unsigned checks = code->length - code->data;
    uint64_t rest = 0, top = UINT64_C(1) << checks;
    for (unsigned i = 0; i < code->data; i++) {
        rest <<= 1;
        if ((rest >> checks & 1) != word[i])
            rest ^= code->generator;
        rest &= top - 1;
    }
    for (unsigned i = 0; i < checks; i++)
        word[code->data + i] = (uint8_t)(rest >> (checks - 1 - i) & 1);
}

int bch_correct(const struct bch_code *code, uint8_t *word)
{
    struct bch_field field;
    struct bch_syndromes syndromes = {{0}};
    uint8_t wrong[BCH_ERRORS_MAX];
    bch_field_make(&field, code);
    for (unsigned i = 0; i < code->length; i++)
        if (word[i])
            bch_syndromes_flip(&field, code, i, &syndromes);
    int errors = bch_locate(&field, code, &syndromes, wrong);
    for (int i = 0; i < errors; i++)
        word[wrong[i]] ^= 1;
    return errors;
}
