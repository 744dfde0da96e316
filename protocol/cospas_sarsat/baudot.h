/* SPDX-License-Identifier: Apache-2.0 */
/* The modified-Baudot code of T.001 Table A3 (T.018 Table 3.2): 6 bits a character; letters also in 5,
 * without their leading 1. Pure. */
#ifndef ATALAYA_COSPAS_SARSAT_BAUDOT_H
#define ATALAYA_COSPAS_SARSAT_BAUDOT_H

#include <stdbool.h>

/* The character of a 6-bit code, or 0. */
char baudot_character(unsigned code);
/* The code of an upper-case letter, digit, space, '-' or '/'; -1: there is none. */
int baudot_code(char character);

#endif
