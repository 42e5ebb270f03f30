import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { toAmazonDay } from '@backhaul/domain'
import { oneOf, seededRandom } from './random.ts'

/** The 33 columns of a report of 2026. Source: Amazon, "Returns reports attributes". */
const HEADER =
  'Order ID|Order date|Return request date|Return request status|Amazon RMA ID|Merchant RMA ID|Label type|Label cost|Currency code|Return carrier|Tracking ID|Label to be paid by|A-to-Z Claim|Is prime|ASIN|Merchant SKU|Item Name|Return quantity|Return Reason|In policy|Return type|Resolution|Invoice number|Return delivery date|Order Amount|Order quantity|SafeT Action reason|SafeT claim id|SafeT claim state|SafeT claim creation time|SafeT claim reimbursement amount|Refunded Amount|Order Item ID'

const TITLES = [
  'Wasserkocher Edelstahl 1,7 l mit Temperaturanzeige, 2200 W, BPA-frei, leise, mit Warmhaltefunktion und Kalkfilter, Sockel mit Kabelfach, für Tee, Kaffee und Babynahrung, mattschwarz, mit Entkalker',
  'Monitor 27" QHD, höhenverstellbar, 75 Hz, schwarz, mit zwei HDMI-Eingängen, DisplayPort, Lautsprechern, VESA 100 x 100, entspiegelt, blaulichtarm, mit Netzkabel und 2 m langem Anschlusskabel',
  'Kindersandalen Klettverschluss, Größe 28, marineblau, rutschfeste Sohle, herausnehmbares Fußbett, für Strand, Garten und Kindergarten, leicht und waschbar bei 30 Grad, mit Beutel',
  'USB-C-Kabel 2 m, 100 W, geflochten – 3er-Pack, Schnellladen für Notebook, Tablet und Telefon, mit Klettband, knickfest, geprüft auf 20.000 Biegungen, in drei Farben: grau, rot, weiß',
  'Regenschirm „Sturm“, automatisch, Ø 105 cm, windfest bis 120 km/h, teflonbeschichtet, mit Hülle und Handschlaufe, neun Streben aus Fiberglas, klein genug für jede Handtasche, dunkelblau',
]
const REASONS = ['CR-DEFECTIVE', 'CR-UNWANTED_ITEM', 'AMZ-PG-BAD-DESC', 'CR-ORDERED_WRONG_ITEM']
const DAY_MS = 86_400_000
/** As a report that was asked for today has them, but for those whose day depends on the zone. */
const DAYS = Array.from(
  { length: 56 },
  (_, n) => toAmazonDay(new Date(Date.now() - (n + 1) * DAY_MS).toISOString()) as string,
)
const ROWS_OF_A_WRITE = 5_000

/** Writes a returns report of a European seller, some 420 bytes a row, UTF-8. The same rows each time but for their days. */
export async function writeDocument(file: string, rows: number): Promise<void> {
  const random = seededRandom(20_260_802)
  const digits = (count: number) => String(Math.floor(random() * 10 ** count)).padStart(count, '0')
  const day = () => oneOf(random, DAYS)
  const out = createWriteStream(file)
  out.write(`${HEADER.replaceAll('|', '\t')}\n`)
  for (let from = 0; from < rows; from += ROWS_OF_A_WRITE) {
    let text = ''
    for (let n = from; n < Math.min(rows, from + ROWS_OF_A_WRITE); n++) {
      const [refunded, delivered] = [random() < 0.57, random() < 0.6]
      const price = `${Math.floor(random() * 90)}.${digits(2)}`
      text += [
        `303-${digits(7)}-${digits(7)}`,
        day(),
        day(),
        'Approved',
        `D${digits(8)}RRMA`,
        ' ',
        oneOf(random, ['AmazonPrePaidLabel', 'AmazonUnPaidLabel']),
        '4.99',
        'EUR',
        delivered ? 'DHL' : ' ',
        delivered ? `0034${digits(16)}` : ' ',
        'Seller',
        'N',
        oneOf(random, ['Y', 'N']),
        `B0${digits(8)}`,
        `SKU-${digits(5)}-${oneOf(random, ['S', 'M', 'L'])}`,
        `${oneOf(random, TITLES)} ${digits(4)}`,
        '1',
        oneOf(random, REASONS),
        'Y',
        'C-Returns',
        'StandardRefund',
        ' ',
        delivered ? day() : ' ',
        price,
        '1',
        ' ',
        ' ',
        ' ',
        ' ',
        ' ',
        refunded ? price : ' ',
        digits(14),
      ].join('\t')
      text += '\n'
    }
    if (!out.write(text)) await once(out, 'drain')
  }
  out.end()
  await finished(out)
}
