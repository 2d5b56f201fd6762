"""`unicode_script`: the writing system of each character, by the numbers of ICU."""

from __future__ import annotations

import base64
import functools
import zlib

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.op import op
from graphmode.ops import xp

_RUNS = (
    "c-nndYiwLc6`nKqx%aN`?%nm;zU#;C+Kx9);@Hm9j+4fAAZ>8uyh`&_6^W)FazmSvv}zl*HKDDEnzT)%G-*WhCJ#VzN@"
    "z+Yet-nx2SNgg!XLyRej=d?5Wo56W@Au=`0>q|IdkUBnKS2{8KowYvT}*RL{yG&l2#>2h4{Ip>WQNqN2_Kz64^>33p%9"
    "&I}$@vo*7HjOl<U`DDS^1qWwGMS$)vfkP=HsDOX$zzt|4D=pxjP673QZL0L^*x=I8R>M}JPX1}{Tf^@Hk?zZ&Mq7{gCk"
    "3sLYURw_RS`PAf2lV4y+Z|%HE>VY%lFo5mXRw2cVx@z!Z9{Ay+SWu1`yL^%$k%qJ!MEX)XR|N1!*K$gr@eU>cAoQjuFG"
    ">B`wyY>+&Awu<}FwpdwK4a(ilOG>vI{xP_EB$eU58$)Sn9)eEKsd$mM8DE(_1dRLHN;-U{_rxUOP&Tvy?`N~XcL;FH=5"
    "`~rd=_Iq4dJzU>olbSJYB(+k|#-1$f9%n&DbKWJQo)VniCP**&y{$wZR<GX}+wgjI+IQI3y#f4QzeMR0XG@eW@iZk`QO"
    "Y!UTv5`5q<x*vYc!SVoieqSDN|nAp!9G#4_z)p*SJfq0ISwUN?kQZP0iz&H&b)dvDAFHwSasJ*}ipPEcSI^Q5#pbQF?*"
    "$Ty5N~jlOHMQr>^&n^K-`a~gb?eQKn9wf-2S-V3{4PpQ-yV|7p2b&W+GS0vj9$qF1oXO}9;+J#viZh?e6WyrlkY4rOWw"
    "Dv#ds52aG^fwVzSYa8i`vkO0TNckcot?0%Q_8A_@RrcrB_6`1C8d#B){N``IRiY@fJV0UN$A!9u0gw2x}8bXPS>@Y@m_"
    "fCOW`cuj9{n&8RF%qVDJxRS9L+JauAL!gFVLW$3j?Ry0yBNDYaJ5Y=q2oLeGS7XQ*o?f|eX69@z@}kpWoGk8fNBf1|x~"
    "1lG<RVSQuB&%nzrrDv??efVN2ktTxf6HzW<iH4i>MUF4YaO5O5(Zv4dNMs#EoMcu<Evzu~Le$rwextfPM1{Q7r1WAGr7"
    "{u~Nlg{v!BtkY+D#fJyd={qN+wOPR26xtA*cFSwX8(5=!t44;-p_$jHL4p5*4DPu6WC5wfZOThikMNrZ(<4GWY;V)jI~"
    "q^Zq*+){nqjuMw@6uoao~w*L?Os@jI(xD1K+A{+lfP*%Jb<;1)_B8f9%7qs$YTQP{685lg2Zl*_D_9@-MM0A!y3Qy9oy"
    "weUx^&;DnFYu1lc%h<pw9w3!J?gf^_g5lN<MHR$1^NEd8Cd;mk@>a^eeH)D&Hlj?vIoBEPM)Si2C*T@tYb7N-uJ!{_|I"
    ")7vT%dyw&hB;$+Nu(pOpe*b9$OP$#ejFT6b{QNh+P>WlS=SChd;u>zmN_x^uJ@LC7m?V8Ja3GbhRLG6Q$}Q5N!}+^=wB"
    "H?oCR*o9%dF&Y1jH7=e(U*aKaIdF>fRgw8xWCRp-1A+b~V*OWo26;UWt=C|&HgTFaCy>b3s)u$K2^+TNay@5af;v>S@#"
    "uvu0i8OaG@WM^Xy^i1EftL=0>#=koP`Y2ieai7=I+Be@*;E(AE*0G^e`z@Cfa5q(7cTpR0AS7A<xiXUmr$}@y~~^s~4F"
    "rtBH5EmzlY`3$j`^u;6Tnuq3m6<<JUd<qBH=10geQz9Wm_UzSw}FH_%pvg;F;fn6;KcKNs<gEV!J2O3;Pu*kE|@i9Id$"
    "1?9p^<AmJe^)XXx+XOI8WYgDCeHp2So`I08O~wB_!HIB(gypqG((@3<)aL_QOb=n^G2CfqbviY_GkcalqvqERNs**sxQ"
    "}Jznn$pg*C8V@Lpx!zUseHg!77jya4aGjqGs`+xKk2+N~?mM0i`>`{pqBCBRLsEBKcD#Ed_YCAcXQ)37JHkeiT~CK0~G"
    "b6k)F-USM~FEagJjFGt_b!5)VH1v7N^DSsb_@NXaAIdUJ+z?*Z4f=?UZJL~ESijE57@RXk&q*_JQuw%@q$k+4n4xDHZ5"
    "oD%kYpC-Ez^iu$V4}i+BBAtd|SRR`@lv_qfxsgkHNoW&L%fy4fIXvL-%$0GQ#U-@Af7XKM<zX2OO=rD(%o$X`+3VC;6H"
    "DNY>-2v$6}>vs5^%KQhYh^49fT=|t!EWE6AyHZ7CeGGLkr!EMf1cX$>0jycF3^0v&I)6ARG%+n{<ys@q^%)p;FhTIdD%"
    "zK7+PZlloTzL05dtd*UUZ2y4E_!(S&~uPOd?F70Lh#elqw_v~SNX2|%EqUgPROTx<j*m@<Q$jT=cwi2Tf*pli>iVtJ~>"
    "l-^`~gf6#o`eMcj2hmi;(%fc`izi2Q*V;}=EVr-5A;<?n-tF3LX~oc>CSG+)x#@xGk0@J3-yo`EwbEZ=iHfH%jzn8c<m"
    "{;5y>izP(WnbD8%v5Cc3nvYEvXUEVQZN^1Wd@cDHWE77i>Z{DnM+u$Q0G(1h%~wflg30!Yv{<n8HpU(4n4jWQ=0QdHy;"
    "*p}G%Jpra*#X1$s;-ZHW=aTNDQ4)dUeFXXSq}IOKx_Gx7>eArr_K%?z%;HopIHd@N2E9Ubhq4e1TcT%vYGMOZn-y7%pK"
    "q`VU}zLH>()IA?Tt4P6iQ8Qn3QRELxHS5f{QtxV~EiVkCCGjC>!Mf9+FI}dPf14dQ3+4!$1mF0b~A1T*(`ZIn}Qb|UbI"
    "z}yfQBNN=MtsU+qN^_KOnH2s_^KN3TdC*k)M#WZ(jgpF5zdD3AAh6KAAej$82_1PiBAk5ia%P1%Wd%`8-ICw8JBjcgP0"
    "ZhT<~u)>n5W"
)
"""Where each run of characters of one script begins, behind the one before, and the script: as
varints, deflated. Of Unicode 12, as TensorFlow 1.15.5 has them."""

_LAST = 0x10FFFF


@functools.cache
def _runs() -> tuple[np.ndarray, np.ndarray]:
    """The first character of each run, and its script."""
    numbers: list[int] = []
    number = shift = 0
    for byte in zlib.decompress(base64.b85decode(_RUNS)):
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number = shift = 0
    return np.cumsum(numbers[::2], dtype=np.int32), np.array(numbers[1::2], np.int32)


@op("UnicodeScript", "int32 -> int32", name="UnicodeScript", shape=shape_rules.unchanged)
def unicode_script(input):
    """The script of each code point: 0 what is common to all, 8 Cyrillic, 17 Han, 25 Latin.

    Parameters
    ----------
    input : Tensor, int32, of any shape

    Returns
    -------
    Tensor, int32, of the same shape
        ICU's `UScriptCode`; -1 of what is no code point.

    Notes
    -----
    TF op UnicodeScript, with Unicode 12.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Session() as sess:
    ...     print(sess.run(tf.strings.unicode_script([ord("a"), ord("\u042f"), ord(" ")])))
    [25  8  0]
    """
    begins, scripts = (xp.asarray(part) for part in _runs())
    run = xp.searchsorted(begins, input, side="right") - 1
    found = xp.take(scripts, xp.maximum(run, 0))
    return xp.where((input < 0) | (input > _LAST), -1, found).astype(np.int32)
