/* SPDX-License-Identifier: Apache-2.0 */
/* Mic-E examples (chapter 10); what breaks its rules is told and gives no position. */
#include "test_aprs_describe.h"

static const struct example examples[] = {
    {"S32U6T", "`(_fn\"Oj/",
     "position 33.42733,-12.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j"},
    {"S32UVT", "`(_fn\"Oj/",
     "position 33.42733,-112.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j"},
    {"F2DU6T", "`(_fn\"Oj/",
     "position 52.59400,-12.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=202 mic_e_message=custom-2 "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j"},
    {"234U6T", "`(_fn\"Oj/",
     "position DISTRESS 23.76067,-12.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=000 "
     "mic_e_message=emergency position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j"},
    {"T4SQZZ", "`(_fn\"Oj/",
     "position 44.52500,-112.12500+-926 251deg 20kn format=mic-e mic_e_bits=101 mic_e_message=in service "
     "position_ambiguity=2 resolution_m=1852 gps_fix=yes symbol=/j"},
    {"S32UVT", "`(_fn\"Oj/`\"4T}",
     "position 33.42733,-112.12900+-9.26 251deg 20kn 61m format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j messaging=yes"},
    {"S32UVT", "`(_fn\"Oj/>\"4T}Ajo",
     "position 33.42733,-112.12900+-9.26 251deg 20kn 61m format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j radio=Kenwood TH-D7A messaging=yes "
     "comment=Ajo"},
    {"S32UVT", "`(_fn\"Oj/]Ajo=",
     "position 33.42733,-112.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j radio=Kenwood TM-D710 messaging=yes "
     "comment=Ajo"},
    {"S32UVT", "`(_fn\"Oj/`\"4-}Ajo_%",
     "position 33.42733,-112.12900+-9.26 251deg 20kn 22m format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j radio=Yaesu FTM-400DR messaging=yes "
     "comment=Ajo"},
    {"S32UVT", "`(_fn\"Oj/'Ajo|ss1122|!w3f!|3",
     "position 33.42737,-112.12913+-0.0926 251deg 20kn format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=0.1852 gps_fix=yes symbol=/j radio=Byonics TinyTrak3 messaging=no "
     "telemetry.sequence=7544 telemetry.analog[]=1472 telemetry.analog[]=1564 dao_datum=W dao_base91=yes "
     "comment=Ajo"},
    {"S32UVT", "'(_fn\"Oj/'7200007100Ajo",
     "position 33.42733,-112.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 symbol=/j telemetry.analog[]=114 telemetry.analog[]=0 "
     "telemetry.analog[]=0 telemetry.analog[]=113 telemetry.analog[]=0 comment=Ajo"},
    {"S32UVT", "'(_fn\"Oj/`7200 Ajo",
     "position 33.42733,-112.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 symbol=/j telemetry.analog[]=114 telemetry.analog[]=0 "
     "telemetry.channel[]=1 telemetry.channel[]=3 comment=Ajo"},
    {"S32UVT", "`(_fn\"Oj/\035ABCDEAjo",
     "position 33.42733,-112.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j telemetry.analog[]=65 "
     "telemetry.analog[]=66 telemetry.analog[]=67 telemetry.analog[]=68 telemetry.analog[]=69 comment=Ajo"},
    {"S32UVT", "`(_fn\"Oj/Ajo {5x}",
     "position 33.42733,-112.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j comment=Ajo {5x}"},
    {"S32UVT", "`(_fl jL]x",
     "position 33.42733,-112.12900+-9.26 format=mic-e mic_e_bits=100 mic_e_message=returning "
     "mic_e_mangled=yes position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=Lj radio=Kenwood TM-D700 "
     "messaging=yes comment=x"},
    {"S32UVT", "`(_fn\"Oj,",
     "position BROKEN format=mic-e mic_e_bits=100 mic_e_message=returning fault=symbol_invalid"},
    {"S32UVT", "`(_fn\"Oj", "position BROKEN fault=too_short fault_detail=Mic-E"},
    {"S32UV", "`(_fn\"Oj/", "position BROKEN fault=mic_e_invalid fault_detail=destination address"},
    {"SC2UVT", "`(_fn\"Oj/",
     "position 32.42733,-112.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=120 mic_e_message=unknown "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j"},
    {"234UVT", "`(_fn\"O\"-",
     "position DISTRESS BROKEN format=mic-e mic_e_bits=000 mic_e_message=emergency fault=symbol_invalid"},
    {"S32UVT", "'(_fl -/]Ajo",
     "position 33.42733,-112.12900+-9.26 format=mic-e mic_e_bits=100 mic_e_message=returning "
     "mic_e_mangled=yes position_ambiguity=0 resolution_m=18.52 symbol=/- radio=Kenwood TM-D700 "
     "messaging=yes comment=Ajo"},
    {"TKSQZZ", "`(_fn\"Oj/",
     "position BROKEN format=mic-e mic_e_bits=121 mic_e_message=unknown fault=position_invalid"},
    {"S3ZQZ4", "`(_fn\"Oj/",
     "position BROKEN format=mic-e mic_e_bits=101 mic_e_message=in service fault=position_invalid"},
    {"Y9PPPP", "`(_fn\"Oj/",
     "position BROKEN format=mic-e mic_e_bits=101 mic_e_message=in service fault=position_invalid"},
    {"S32UVT-3", "\034(_fn\"Oj/",
     "position 33.42733,-112.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j"},
    {"S32UVT", "\035(_fn\"Oj/",
     "position 33.42733,-112.12900+-9.26 251deg 20kn format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 symbol=/j"},
};

static void every_mic_e_example_means_what_its_clause_says(void **state)
{
    (void)state;
    examples_check(examples, sizeof examples / sizeof *examples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_mic_e_example_means_what_its_clause_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
