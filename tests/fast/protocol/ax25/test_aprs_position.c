/* SPDX-License-Identifier: Apache-2.0 */
/* Positions in every coding: plain, compressed, ambiguous, with extensions, raw NMEA (chapters 5 to 9). */
#include "test_aprs_describe.h"

static const struct example examples[] = {
    {"APZATA", "!3213.50N/07201.75W-Test 001234",
     "position 32.22500,-72.02917+-9.26 messaging=no format=uncompressed symbol=/- position_ambiguity=0 "
     "resolution_m=18.52 comment=Test 001234"},
    {"APZATA", "!3213.50N/07201.75W-Test /A=001234",
     "position 32.22500,-72.02917+-9.26 376.1m messaging=no format=uncompressed symbol=/- "
     "position_ambiguity=0 resolution_m=18.52 comment=Test"},
    {"APZATA", "!49  .  N/072  .  W-",
     "position 49.50000,-72.50000+-5.56e+04 messaging=no format=uncompressed symbol=/- position_ambiguity=4 "
     "resolution_m=1.111e+05"},
    {"APZATA", "!4903.5 N/07201.75W-",
     "position 49.05917,-72.02917+-92.6 messaging=no format=uncompressed symbol=/- position_ambiguity=1 "
     "resolution_m=185.2"},
    {"APZATA", "/092345z3213.50N/07201.75W>Test1234",
     "position 32.22500,-72.02917+-9.26 time=-1/9 23:45:-1 messaging=no format=uncompressed symbol=/> "
     "position_ambiguity=0 resolution_m=18.52 comment=Test1234"},
    {"APZATA", "@092345/3213.50N/07201.75W>Test1234",
     "position 32.22500,-72.02917+-9.26 time=-1/9 23:45:-1 local messaging=yes format=uncompressed symbol=/> "
     "position_ambiguity=0 resolution_m=18.52 comment=Test1234"},
    {"APZATA", "=3213.50N/07201.75W#PHG5132",
     "position 32.22500,-72.02917+-9.26 messaging=yes format=uncompressed symbol=/# position_ambiguity=0 "
     "resolution_m=18.52 phg=5132"},
    {"APZATA", "=3213.50N/07201.75W#PHG72604/hello",
     "position 32.22500,-72.02917+-9.26 messaging=yes format=uncompressed symbol=/# position_ambiguity=0 "
     "resolution_m=18.52 phg=72604 comment=hello"},
    {"APZATA", "@092345/3213.50N/07201.75W>088/036",
     "position 32.22500,-72.02917+-9.26 88deg 36kn time=-1/9 23:45:-1 local messaging=yes "
     "format=uncompressed symbol=/> position_ambiguity=0 resolution_m=18.52"},
    {"APZATA", "@234517h3213.50N/07201.75W>PHG5132",
     "position 32.22500,-72.02917+-9.26 time=-1/-1 23:45:17 messaging=yes format=uncompressed symbol=/> "
     "position_ambiguity=0 resolution_m=18.52 phg=5132"},
    {"APZATA", "@092345z3213.50N/07201.75W>RNG0050",
     "position 32.22500,-72.02917+-9.26 time=-1/9 23:45:-1 messaging=yes format=uncompressed symbol=/> "
     "position_ambiguity=0 resolution_m=18.52 range_km=80.47"},
    {"APZATA", "/234517h3213.50N/07201.75W>DFS2360",
     "position 32.22500,-72.02917+-9.26 time=-1/-1 23:45:17 messaging=no format=uncompressed symbol=/> "
     "position_ambiguity=0 resolution_m=18.52 dfs=2360"},
    {"APZATA", "=3213.50N/07201.75W\\088/036/270/729",
     "position 32.22500,-72.02917+-9.26 88deg 36kn messaging=yes format=uncompressed symbol=/\\ "
     "position_ambiguity=0 resolution_m=18.52 df_bearing_deg=270 df_hits=7 df_range_km=6.437 df_quality=9"},
    {"APZATA", "[IO91SX] North of Ajo",
     "position 51.97917,-0.45833+-4.63e+03 format=maidenhead maidenhead=IO91SX resolution_m=9260 "
     "comment=North of Ajo"},
    {"APZATA", "[IO91]",
     "position 51.50000,-1.00000+-1.11e+05 format=maidenhead maidenhead=IO91 resolution_m=2.222e+05"},
    {"APZATA", "!0000.00N\\00000.00W.", "position messaging=no format=uncompressed symbol=\\. gps_fix=no"},
    {"APZATA", "=/5L!!<*e7> sTComment",
     "position 49.50000,-72.75000+-0.146 messaging=yes format=compressed symbol=/> resolution_m=0.291 "
     "comment=Comment"},
    {"APZATA", "=/5L!!<*e7>7P[",
     "position 49.50000,-72.75000+-0.146 88deg 36.23kn messaging=yes gps_fix=yes format=compressed symbol=/> "
     "resolution_m=0.291"},
    {"APZATA", "=/5L!!<*e7>{?!",
     "position 49.50000,-72.75000+-0.146 messaging=yes gps_fix=no range_km=32.39 format=compressed symbol=/> "
     "resolution_m=0.291"},
    {"APZATA", "=/5L!!<*e7OS]S",
     "position 49.50000,-72.75000+-0.146 3049m messaging=yes gps_fix=yes format=compressed symbol=/O "
     "resolution_m=0.291"},
    {"APZATA", "@092345z/5L!!<*e7>{?!",
     "position 49.50000,-72.75000+-0.146 time=-1/9 23:45:-1 messaging=yes gps_fix=no range_km=32.39 "
     "format=compressed symbol=/> resolution_m=0.291"},
    {"APZATA", "=d5L!!<*e7>7P[",
     "position 49.50000,-72.75000+-0.146 88deg 36.23kn messaging=yes gps_fix=yes format=compressed symbol=3> "
     "resolution_m=0.291"},
    {"APZATA", "@092345z3213.50N/07201.75W_220/004g005t-07r000p000P000h50b09900wRSW",
     "weather 32.22500,-72.02917+-9.26 time=-1/9 23:45:-1 messaging=yes format=uncompressed symbol=/_ "
     "position_ambiguity=0 resolution_m=18.52 weather.wind_direction_deg=220 weather.wind_speed_m_s=1.788 "
     "weather.wind_gust_m_s=2.235 weather.temperature_c=-21.67 weather.rain_1h_mm=0 weather.rain_24h_mm=0 "
     "weather.rain_midnight_mm=0 weather.humidity_percent=50 weather.pressure_hpa=990 weather.software=wRSW"},
    {"GPSMV", "$GPGGA,102705,5157.9762,N,00029.3256,W,1,04,2.0,75.7,M,47.6,M,,*62",
     "position 51.96627,-0.48876+-0.0926 75.7m time=-1/-1 10:27:5 format=nmea symbol=/> gps_fix=yes "
     "resolution_m=0.1852"},
    {"GPSNV3", "$GPGLL,2554.459,N,08020.187,W,154027.281,A",
     "position 25.90765,-80.33645+-0.926 time=-1/-1 15:40:27 format=nmea symbol=3> gps_fix=yes "
     "resolution_m=1.852"},
    {"APRS", "$GPRMC,063909,A,3349.4302,N,11700.3721,W,43.022,89.3,291099,13.6,E*52",
     "position 33.82384,-117.00620+-0.0926 89.3deg 43.02kn time=10/29 6:39:9 format=nmea symbol=// "
     "gps_fix=yes resolution_m=0.1852"},
    {"APRS", "$GPVTG,318.7,T,,M,35.1,N,65.0,K*69", "position 318.7deg 35.1kn format=nmea symbol=//"},
    {"APRS", "tracker says!6028.51S/02505.68W#PHG7220Mount Lemmon",
     "position -60.47517,-25.09467+-9.26 messaging=no format=uncompressed symbol=/# position_ambiguity=0 "
     "resolution_m=18.52 phg=7220 comment=Mount Lemmon"},
    {"APRS", "!6028.51N/02505.68E#PHG7220   Mount Lemmon  \011 ",
     "position 60.47517,25.09467+-9.26 messaging=no format=uncompressed symbol=/# position_ambiguity=0 "
     "resolution_m=18.52 phg=7220 comment=Mount Lemmon"},
    {"APZATA", "!9100.00N/11201.75W-",
     "position BROKEN messaging=no fault=position_invalid fault_detail=out of range"},
    {"APZATA", "!3260.00N/11201.75W-",
     "position BROKEN messaging=no fault=position_invalid fault_detail=not of the form ddmm.hhN/dddmm.hhW"},
    {"APZATA", "!3213.50N/18000.01W-",
     "position BROKEN messaging=no fault=position_invalid fault_detail=out of range"},
    {"APZATA", "!3213.50N,11201.75W-", "position BROKEN messaging=no fault=symbol_invalid"},
    {"APZATA", "!3213.5", "position BROKEN messaging=no fault=position_invalid fault_detail=too short"},
    {"APZATA", "!32 3.50N/11201.75W-",
     "position BROKEN messaging=no fault=position_invalid fault_detail=not of the form ddmm.hhN/dddmm.hhW"},
    {"APZATA", "!3213.50N/112 1.75W-",
     "position BROKEN messaging=no fault=position_invalid fault_detail=not of the form ddmm.hhN/dddmm.hhW"},
    {"APZATA", "!3213.50n/11201.75w-",
     "position 32.22500,-112.02917+-9.26 messaging=no format=uncompressed symbol=/- position_ambiguity=0 "
     "resolution_m=18.52"},
    {"APZATA", "@999999z3213.50N/11201.75W-",
     "position 32.22500,-112.02917+-9.26 messaging=yes format=uncompressed symbol=/- position_ambiguity=0 "
     "resolution_m=18.52"},
    {"APZATA", "@99x999z3213.50N/11201.75W-",
     "position BROKEN 32.22500,-112.02917+-9.26 messaging=yes fault=time_invalid format=uncompressed "
     "symbol=/- position_ambiguity=0 resolution_m=18.52"},
    {"APZATA", "!3213.50N/11201.75W>.../...Ajo",
     "position 32.22500,-112.02917+-9.26 messaging=no format=uncompressed symbol=/> position_ambiguity=0 "
     "resolution_m=18.52 comment=Ajo"},
    {"APZATA", "!3213.50N/11201.75W>000/000Ajo",
     "position 32.22500,-112.02917+-9.26 0kn messaging=no format=uncompressed symbol=/> position_ambiguity=0 "
     "resolution_m=18.52 comment=Ajo"},
    {"APZATA", "!3213.50N/11201.75W>360/   Ajo",
     "position 32.22500,-112.02917+-9.26 360deg messaging=no format=uncompressed symbol=/> "
     "position_ambiguity=0 resolution_m=18.52 comment=Ajo"},
    {"APZATA", "!3213.50N/11201.75W-Ajo/A=-00079",
     "position 32.22500,-112.02917+-9.26 -24.08m messaging=no format=uncompressed symbol=/- "
     "position_ambiguity=0 resolution_m=18.52 comment=Ajo"},
    {"APZATA", "!3213.50N/11201.75W-Ajo !W36!",
     "position 32.22505,-112.02927+-0.926 messaging=no format=uncompressed symbol=/- position_ambiguity=0 "
     "resolution_m=1.852 dao_datum=W dao_base91=no comment=Ajo"},
    {"APZATA", "!3213.50N/11201.75W-!w3f! Ajo !",
     "position 32.22503,-112.02929+-0.0926 messaging=no format=uncompressed symbol=/- position_ambiguity=0 "
     "resolution_m=0.1852 dao_datum=W dao_base91=yes comment=Ajo !"},
    {"APZATA", "!3213.50N/11201.75W-!W  !",
     "position 32.22500,-112.02917+-9.26 messaging=no format=uncompressed symbol=/- position_ambiguity=0 "
     "resolution_m=18.52 dao_datum=W"},
    {"APZATA", "!3213.5 N/11201.75W-!W36!",
     "position 32.22583,-112.02917+-92.6 messaging=no format=uncompressed symbol=/- position_ambiguity=1 "
     "resolution_m=185.2 dao_datum=W dao_base91=no"},
    {"APZATA", "!/5L!!<*e7>}?!",
     "position BROKEN messaging=no fault=position_invalid fault_detail=bad course, speed or type byte"},
    {"APZATA", "!.5L!!<*e7>7P[", "position BROKEN messaging=no fault=symbol_invalid"},
    {"APZATA", "!/5L!!<*e7", "position BROKEN messaging=no fault=position_invalid fault_detail=too short"},
    {"APZATA", "!/{{{{<*e7>7P[",
     "position BROKEN messaging=no fault=position_invalid fault_detail=not a compressed position"},
    {"APRS", "$GPRMC,063909,A,3349.4302,N,11700.3721,W,43.022,89.3,291099,13.6,E*53",
     "position BROKEN fault=checksum_invalid fault_detail=NMEA"},
    {"APRS", "$GPRMC,063909,V,3349.4302,N,11700.3721,W,,,291099,13.6,E",
     "position BROKEN format=nmea symbol=// gps_fix=no fault=no_fix"},
    {"APRS", "$GPWPL,3349.4302,N,11700.3721,W,WELL",
     "object 33.82384,-117.00620+-0.0926 format=nmea symbol=// resolution_m=0.1852 object=WELL alive=yes"},
    {"GPSC30", "$GPGLL,9154.459,N,08020.187,W",
     "position BROKEN format=nmea symbol=/> fault=position_invalid fault_detail=NMEA coordinates"},
    {"GPSOM", "$GPXYZ,1", "other BROKEN format=nmea symbol=\\, fault=nmea_unsupported"},
};

static void every_position_means_what_its_clause_says(void **state)
{
    (void)state;
    examples_check(examples, sizeof examples / sizeof *examples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_position_means_what_its_clause_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
