/** An article of the demo seller; a kit has parts. */
export interface Article {
  readonly sku: string
  readonly asin: string
  readonly title: string
  readonly priceCents: number
  readonly parts: readonly { readonly sku: string; readonly quantity: number }[]
}

const article = (
  sku: string,
  asin: string,
  title: string,
  priceCents: number,
  parts: Article['parts'] = [],
): Article => ({
  sku,
  asin,
  title,
  priceCents,
  parts,
})

export const catalogue: readonly Article[] = [
  article('00123', 'B0DEMO0001', 'Kaffeemühle, groß, 40 g', 3499),
  article('LAMP-12', 'B0DEMO0002', 'Stehlampe 12" für das Wohnzimmer', 5990),
  article('SHIRT-BLU-M', 'B0DEMO0003', 'T-Shirt blau, Größe M', 1499),
  article('SHIRT-BLU-L', 'B0DEMO0004', 'T-Shirt blau, Größe L', 1499),
  article('CABLE+USB C', 'B0DEMO0005', 'Câble USB-C, 2 m, tressé', 899),
  article('TEA-SET', 'B0DEMO0006', 'Teeservice für zwei', 4200, [
    { sku: 'TEA-POT', quantity: 1 },
    { sku: 'TEA-CUP', quantity: 2 },
  ]),
  article('BOOTS-42', 'B0DEMO0007', 'Bottes de randonnée, pointure 42', 8950),
  article('KETTLE', 'B0DEMO0008', 'Kettle, 1.7 l, "quick boil"', 2799),
]
