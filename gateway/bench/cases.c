/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bench.h"

const struct bench_case bench_cases[] = {
#define BENCH_CASE(name_, modem_, input_, start_, title_, ...)                                               \
    {.name = name_, .modem = #modem_, .input = input_, .start_db = start_, .title = title_, __VA_ARGS__},
#include "cases.def"
#undef BENCH_CASE
};

const size_t bench_case_count = sizeof bench_cases / sizeof *bench_cases;

const struct bench_case *bench_case_find(const char *name)
{
    for (size_t i = 0; i < bench_case_count; i++)
        if (strcmp(bench_cases[i].name, name) == 0)
            return &bench_cases[i];
    return NULL;
}

const char *bench_case_unit(const struct bench_case *row)
{
    return row->input == BENCH_AUDIO || bench_case_has_carrier(row) ? "Eb/N0" : "CNR";
}

bool bench_case_has_carrier(const struct bench_case *row)
{
    const struct modem_row *modem = modem_find(row->modem);
    return row->input != BENCH_AUDIO && modem && modem->class->modulate_iq;
}

const struct protocol_row *bench_case_protocol(const struct bench_case *row)
{
    if (row->protocol)
        return protocol_find(row->protocol);
    for (size_t i = 0; i < protocol_table_size; i++)
        if (protocol_table[i].transmits && protocol_uses_modem(&protocol_table[i], row->modem))
            return &protocol_table[i];
    return NULL;
}
