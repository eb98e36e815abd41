"""The table of EC2's instance families, a row for all that have the same sizes.

AWS sells sizes by rule: an ``8xlarge`` has 32 vCPUs in nearly every family, and a family has so many GiB of
memory for each vCPU. So a row says the rule once, and an exception stands at the size it belongs to:

    families | GiB per vCPU | GB of local disk per vCPU | sizes

``c m r`` in the second column stands for 2, 4 and 8 GiB by the family's first letter. A size is ``large``,
``4`` for ``4xlarge`` or ``metal-24`` for ``metal-24xl``; then ``=`` vCPUs, ``~`` GiB of memory, ``@`` GB of
local disk and ``:`` the number of accelerators, each only where it is not the rule. Rows of accelerated
families name the accelerator after the families, as AWS spells it in ``acceleratorNames``, in small letters.

Sources: EC2 DescribeInstanceTypes; the pages of AWS's instance types. Left out are Macs, FPGAs, video
transcoders and what is older than the fourth generation: Managed Instances buys none of them.
"""

from __future__ import annotations

from typing import Final

GENERAL: Final = """
c4                            | 1.875  | 0       | large xlarge 2 4 8=36~60
m4                            | 4      | 0       | large xlarge 2 4 10 16
r4                            | 7.625  | 0       | large xlarge 2 4 8 16
t2                            | 4      | 0       | nano=1~0.5 micro=1~1 small=1~2 medium=2~4 large xlarge 2
t3 t3a t4g                    | 4      | 0       | nano=2~0.5 micro=2~1 small=2~2 medium=2~4 large xlarge 2
t8i                           | 2      | 0       | nano=2~0.5 micro=2~1 small=2~2 medium=2~4
a1                            | 2      | 0       | medium large xlarge 2 4 metal=16
c5                            | 2      | 0       | large xlarge 2 4 9 12 18 24 metal=96
c5d                           | 2      | 25      | large xlarge 2 4 9 12@1800 18@1800 24@3600 metal=96@3600
c5n                           | 2.625  | 0       | large xlarge 2 4 9~96 18~192 metal=72~192
c5a m5a r5a                   | c m r  | 0       | large xlarge 2 4 8 12 16 24
c5ad                          | 2      | 37.5    | large xlarge 2 4 8 12 16 24@3800
m5ad r5ad                     | c m r  | 37.5    | large xlarge 2 4 8 12 16 24
m5 m5n r5 r5b r5n             | c m r  | 0       | large xlarge 2 4 8 12 16 24 metal=96
m5d m5dn r5d r5dn             | c m r  | 37.5    | large xlarge 2 4 8 12 16 24 metal=96
m5zn                          | 4      | 0       | large xlarge 2 3 6 12 metal=48
z1d                           | 8      | 37.5    | large xlarge 2 3 6 12 metal=48
c6a m6a r6a                   | c m r  | 0       | large xlarge 2 4 8 12 16 24 32 48 metal=192
c6i c6in m6i m6in r6i r6in    | c m r  | 0       | large xlarge 2 4 8 12 16 24 32 metal=128
c6id m6id m6idn r6id r6idn    | c m r  | 59.375  | large xlarge 2 4 8 12 16 24 32 metal=128
c6g m6g r6g c7g c7gn m7g r7g  | c m r  | 0       | medium large xlarge 2 4 8 12 16 metal=64
c6gn                          | 2      | 0       | medium large xlarge 2 4 8 12 16
c6gd m6gd r6gd c7gd m7gd r7gd | c m r  | 59.375  | medium large xlarge 2 4 8 12 16 metal=64
c7a m7a r7a                   | c m r  | 0       | medium large xlarge 2 4 8 12 16 24 32 48 metal-48
c7i m7i r7i                   | c m r  | 0       | large xlarge 2 4 8 12 16 24 48 metal-24 metal-48
c7i-flex m7i-flex             | c m r  | 0       | large xlarge 2 4 8 12 16
c8i-flex m8i-flex r8i-flex    | c m r  | 0       | large xlarge 2 4 8 12 16
r7iz                          | 8      | 0       | large xlarge 2 4 8 12 16 32 metal-16 metal-32
c8a m8a r8a                   | c m r  | 0       | medium large xlarge 2 4 8 12 16 24 48 metal-24 metal-48
c8g c8gb c8gn m8g m8gb m8gn   | c m r  | 0       | medium large xlarge 2 4 8 12 16 24 48 metal-24 metal-48
r8g r8gb r8gn                 | 8      | 0       | medium large xlarge 2 4 8 12 16 24 48 metal-24 metal-48
c8gd m8gd r8gd                | c m r  | 59.375  | medium large xlarge 2 4 8 12 16 24 48 metal-24 metal-48
c8i c8ib c8in m8i m8ib m8in   | c m r  | 0       | large xlarge 2 4 8 12 16 24 32 48 96 metal-48 metal-96
r8i r8ib r8in                 | 8      | 0       | large xlarge 2 4 8 12 16 24 32 48 96 metal-48 metal-96
c8id m8id m8idb m8idn         | c m r  | 59.375  | large xlarge 2 4 8 12 16 24 32 48 96 metal-48 metal-96
r8id r8idb r8idn              | 8      | 59.375  | large xlarge 2 4 8 12 16 24 32 48 96 metal-48 metal-96
c8ine m8ine                   | c m r  | 0       | large xlarge 2 4 8 12
m8azn                         | 4      | 0       | medium large xlarge 3 6 12 24 metal-12 metal-24
c9g r9g                       | c m r  | 0       | medium large xlarge 2 4 8 12 16 24 48 metal-48
c9gd r9gd                     | c m r  | 59.375  | medium large xlarge 2 4 8 12 16 24 48 metal-48
m9g                           | 4      | 0       | medium large xlarge 2 4 8 12 16 24 48 metal-24 metal-48
m9gd                          | 4      | 59.375  | medium large xlarge 2 4 8 12 16 24 48 metal-24 metal-48
d2                            | 7.625  | 1536    | xlarge 2 4 8=36~244@49152
d3                            | 8      | 1485    | xlarge 2 4 8
d3en                          | 4      | 6990    | xlarge 2 4 6 8 12
h1                            | 4      | 250     | 2 4 8 16
i3                            | 7.625  | 237.5   | large xlarge 2 4 8 16 metal=72~512@15200
i3en                          | 8      | 625     | large xlarge 2 3 6 12 24 metal=96
i4g                           | 8      | 234.375 | large xlarge 2 4 8 16
i4i                           | 8      | 234.375 | large xlarge 2 4 8 12 16 24 32 metal=128
im4gn                         | 4      | 468.75  | large xlarge 2 4 8 16
is4gen                        | 6      | 937.5   | medium large xlarge 2 4 8
i7i i8g                       | 8      | 234.375 | large xlarge 2 4 8 12 16 24 48 metal-24 metal-48
i7ie i8ge                     | 8      | 625     | large xlarge 2 3 6 12 18 24 48 metal-24 metal-48
x1                            | 15.25  | 30      | 16 32
x1e                           | 30.5   | 30      | xlarge 2 4 8 16 32
x2gd                          | 16     | 59.375  | medium large xlarge 2 4 8 12 16 metal=64
x2idn                         | 16     | 29.6875 | 16 24 32 metal=128
x2iedn                        | 32     | 29.6875 | xlarge 2 4 8 16 24 32 metal=128
x2iezn                        | 32     | 0       | 2 4 6 8 12 metal=48
x8g                           | 16     | 0       | medium large xlarge 2 4 8 12 16 24 48 metal-24 metal-48
x8i                           | 16     | 0       | large xlarge 2 4 8 12 16 24 32 48 64 96 metal-48 metal-96
x8aedz                        | 32     | 79.1667 | large xlarge 3 6 12 24 metal-12 metal-24
u-3tb1                        | 0      | 0       | 56~3072
u-6tb1                        | 0      | 0       | 56~6144 112~6144
u7i-6tb                       | 0      | 0       | 112~6144
u7i-8tb                       | 0      | 0       | 112~8192
u7i-12tb u7ib-12tb            | 0      | 0       | 224~12288
u7in-16tb                     | 0      | 0       | 224~16384
u7in-24tb                     | 0      | 0       | 224~24576
u7in-32tb                     | 0      | 0       | 224~32768
hpc6a                         | 4      | 0       | 48=96
hpc6id                        | 16     | 237.5   | 32=64
hpc7a                         | 0      | 0       | 12=24~768 24=48~768 48=96~768 96=192~768
hpc7g                         | 0      | 0       | 4~128 8~128 16~128
hpc8a                         | 4      | 0       | 96=192
"""

ACCELERATED: Final = """
g4ad radeon-pro-v520  | 4     | 37.5   | xlarge:1 2:1 4:1 8:2 16:4
g4dn t4               | 4     | 0      | xlarge@125:1 2@225:1 4@225:1
g4dn t4               | 4     | 0      | 8@900:1 12@900:4 16@900:1 metal=96@1800:8
g5 a10g               | 4     | 0      | xlarge@250:1 2@450:1 4@600:1 8@900:1
g5 a10g               | 4     | 0      | 12@3800:4 16@1900:1 24@3800:4 48@7600:8
g5g t4g               | 2     | 0      | xlarge:1 2:1 4:1 8:1 16:2 metal=64:2
g6 l4                 | 4     | 0      | xlarge@250:1 2@450:1 4@600:1 8@900:1
g6 l4                 | 4     | 0      | 12@3760:4 16@1880:1 24@3760:4 48@7520:8
g6e l40s              | 8     | 0      | xlarge@250:1 2@450:1 4@600:1 8@900:1
g6e l40s              | 8     | 0      | 12@3800:4 16@1900:1 24@3800:4 48@7600:8
g6f l4                | 4     | 0      | large@100:0.125 xlarge@100:0.125 2@200:0.25 4@450:0.5
gr6 l4                | 8     | 0      | 4@600:1 8@900:1
gr6f l4               | 8     | 0      | 4@450:0.5
g7 rtx-pro-4500       | 4     | 0      | 2@440:1 4@875:1 8@930:1 12@1900:2 24@3800:4 48@7600:8
g7e rtx-pro-6000      | 0     | 0      | 2~64@1900:1 4~128@1900:1 8~256@1900:1
g7e rtx-pro-6000      | 0     | 0      | 12~512@3800:2 24~1024@7600:4 48~2048@15200:8
p3 v100               | 7.625 | 0      | 2:1 8:4 16:8
p3dn v100             | 8     | 18.75  | 24:8
p4d a100              | 12    | 0      | 24@8000:8
p4de a100             | 12    | 0      | 24@8000:8
p5 h100               | 0     | 0      | 4~256@3800:1 48~2048@30400:8
p5e p5en h200         | 0     | 0      | 48~2048@30400:8
p6-b200 b200          | 0     | 0      | 48~2048@30400:8
p6-b300 b300          | 0     | 0      | 48~4096@30400:8
inf1 inferentia       | 2     | 0      | xlarge:1 2:1 6:4 24:16
inf2 inferentia2      | 4     | 0      | xlarge:1 8:1 24:6 48:12
trn1 trainium         | 4     | 0      | 2@474:1 32@7600:16
trn1n trainium        | 4     | 0      | 32@7600:16
trn2 trainium2        | 0     | 0      | 3~128@470:1 48~2048@7600:16
trn2u trainium2       | 0     | 0      | 48~2048@7600:16
dl1 gaudi-hl-205      | 8     | 0      | 24@4000:8
"""
