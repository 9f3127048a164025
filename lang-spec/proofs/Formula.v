(* Formulas of any depth: the bits and registers of a `forbid` hold exactly what the formula says of the whole history. Windows.v has one `prev`; here its body
   may be a formula with others inside. Spans (`within ( … )`), `met` and `start` are not in it. *)
Require Import ZArith List Bool Lia.
Import ListNotations.
Require Import Leverframe.Windows.
Open Scope Z_scope.

Record gap := { within : option Z; unless : event -> bool; next : bool }.
Inductive formula :=
| Match (pattern : event -> bool)
| And (a b : formula)
| Or (a b : formula)
| Not (a : formula)
| Prev (a : formula) (g : gap).

Section Formula.
(* Which letters are admitted calls. What a pattern says of a letter is known at the letter. *)
Variable is_call : event -> bool.

(* What the language says at a letter, after the history before it. *)
Fixpoint holds (f : formula) (h : list event) (l : event) : Prop :=
  match f with
  | Match p => p l = true
  | And a b => holds a h l /\ holds b h l
  | Or a b => holds a h l \/ holds b h l
  | Not a => ~ holds a h l
  | Prev a g => exists h1 x h2, h = h1 ++ x :: h2 /\ holds a h1 x /\ Forall (fun z => kills (unless g) is_call (next g) z x = false) h2 /\
                open (within g) (time x) (time l) = true
  end.

(* What is remembered: for each `prev` a bit with its registers. Each letter computes its values from what is remembered, children before their parents. *)
Inductive memory :=
| Nothing
| Two (a b : memory)
| Under (a : memory)
| Bit (a : memory) (s : state).
Fixpoint start (f : formula) : memory :=
  match f with Match _ => Nothing | And a b | Or a b => Two (start a) (start b) | Not a => Under (start a) | Prev a _ => Bit (start a) None end.
Fixpoint value (f : formula) (m : memory) (l : event) : bool :=
  match f, m with
  | Match p, _ => p l
  | And a b, Two x y => value a x l && value b y l
  | Or a b, Two x y => value a x l || value b y l
  | Not a, Under x => negb (value a x l)
  | Prev a g, Bit _ s => remembers (within g) s (time l)
  | _, _ => false
  end.
Fixpoint step_all (f : formula) (m : memory) (l : event) : memory :=
  match f, m with
  | And a b, Two x y | Or a b, Two x y => Two (step_all a x l) (step_all b y l)
  | Not a, Under x => Under (step_all a x l)
  | Prev a g, Bit x s => Bit (step_all a x l) (step (fun _ => value a x l) (unless g) is_call (next g) s l)
  | _, _ => m
  end.
Definition remembered (f : formula) (h : list event) : memory := fold_left (step_all f) h (start f).

Lemma remembered_app : forall f h l, remembered f (h ++ [l]) = step_all f (remembered f h) l.
Proof. intros. unfold remembered. now rewrite fold_left_app. Qed.

(* The memory of a formula is that of its parts, side by side. *)
Lemma remembered_and : forall a b h, remembered (And a b) h = Two (remembered a h) (remembered b h).
Proof. intros a b h. induction h as [|l h IH] using rev_ind; auto. now rewrite !remembered_app, IH. Qed.
Lemma remembered_or : forall a b h, remembered (Or a b) h = Two (remembered a h) (remembered b h).
Proof. intros a b h. induction h as [|l h IH] using rev_ind; auto. now rewrite !remembered_app, IH. Qed.
Lemma remembered_not : forall a h, remembered (Not a) h = Under (remembered a h).
Proof. intros a h. induction h as [|l h IH] using rev_ind; auto. now rewrite !remembered_app, IH. Qed.

(* Of a letter of a history: what came before it. Places tell letters apart. *)
Definition before (h : list event) (x : event) : list event := filter (fun y => place y <? place x) h.
Definition before_value (f : formula) (h : list event) (x : event) : bool := value f (remembered f (before h x)) x.

Lemma in_order_places : forall h t p, in_order t p h -> Forall (fun x => p < place x) h.
Proof.
  induction h as [|x h IH]; simpl; intros t p H; constructor; [lia|]. destruct H as (T & P & H). apply IH in H.
  eapply Forall_impl; [|exact H]. simpl. intros; lia.
Qed.

Lemma lawful_split : forall h1 x h2, lawful (h1 ++ x :: h2) -> lawful h1 /\ before (h1 ++ x :: h2) x = h1 /\ Forall (fun y => time y <= time x) h1.
Proof.
  intros h1 x h2 L.
  assert (A : lawful (h1 ++ [x]) /\ Forall (fun y => place x < place y) h2).
  { assert (G : forall u t p, in_order t p (u ++ x :: h2) -> in_order t p (u ++ [x]) /\ Forall (fun y => place x < place y) h2).
    { induction u as [|y u IH]; simpl; intros t p H; [destruct H as (A & B & C); apply in_order_places in C; tauto|].
      destruct H as (A & B & C). destruct (IH _ _ C). auto. }
    destruct h1 as [|y u]; simpl in L |- *; [split; [exact I|]; now apply in_order_places in L|]. now apply G. }
  destruct A as [A After]. destruct (lawful_app _ _ A) as [L1 B]. split; auto. split; [|eapply Forall_impl; [|exact B]; simpl; tauto].
  unfold before. rewrite filter_app. simpl. rewrite Z.ltb_irrefl.
  assert (X : filter (fun y => place y <? place x) h1 = h1).
  { clear - B. induction h1 as [|y h1 IH]; auto. inversion B; subst. simpl. rewrite (proj2 (Z.ltb_lt _ _)) by tauto. now rewrite IH. }
  assert (Y : filter (fun y => place y <? place x) h2 = []).
  { clear - After. induction h2 as [|y h2 IH]; auto. inversion After; subst. simpl. rewrite (proj2 (Z.ltb_ge _ _)) by lia. auto. }
  rewrite X, Y. apply app_nil_r.
Qed.

(* A bit's registers are those of Windows.v, for the body's value at each letter. *)
Lemma remembered_prev : forall a g h, lawful h ->
  remembered (Prev a g) h = Bit (remembered a h) (run (before_value a h) (unless g) is_call (next g) h).
Proof.
  intros a g h L.
  assert (G : forall h2 h1, h = h1 ++ h2 -> remembered (Prev a g) h1 = Bit (remembered a h1) (run (before_value a h) (unless g) is_call (next g) h1)).
  { intros h2 h1. revert h2. induction h1 as [|x h1 IH] using rev_ind; intros h2 E; [reflexivity|].
    rewrite <- app_assoc in E. simpl in E. rewrite !remembered_app, (IH _ E). simpl. f_equal. unfold run. rewrite fold_left_app. simpl.
    destruct (lawful_split h1 x h2) as (_ & B & _); [now rewrite <- E|].
    assert (V : before_value a h x = value a (remembered a h1) x) by (unfold before_value; rewrite E; now rewrite B).
    unfold step. now rewrite V. }
  apply (G [] h). now rewrite app_nil_r.
Qed.

Theorem formula_exact : forall f h l, lawful (h ++ [l]) -> value f (remembered f h) l = true <-> holds f h l.
Proof.
  induction f as [p|a IHa b IHb|a IHa b IHb|a IHa|a IHa g]; intros h l L.
  - simpl. tauto.
  - rewrite remembered_and. simpl. rewrite andb_true_iff, IHa, IHb by auto. tauto.
  - rewrite remembered_or. simpl. rewrite orb_true_iff, IHa, IHb by auto. tauto.
  - rewrite remembered_not. simpl. rewrite negb_true_iff, <- not_true_iff_false, IHa by auto. tauto.
  - destruct (lawful_app _ _ L) as [L' _]. rewrite remembered_prev by auto. cbn [value holds].
    rewrite (latest_match_is_enough (before_value a h) (unless g) is_call (next g) (within g) h L' (time l)). unfold says.
    assert (X : forall h1 x h2, h = h1 ++ x :: h2 -> before_value a h x = true <-> holds a h1 x).
    { intros h1 x h2 E. unfold before_value. rewrite E in L' |- *. destruct (lawful_split h1 x h2 L') as (L1 & B & _). rewrite B. apply IHa.
      clear - L'. replace (h1 ++ x :: h2) with ((h1 ++ [x]) ++ h2) in L' by (now rewrite <- app_assoc).
      induction h2 as [|y h2 IH] using rev_ind; [now rewrite app_nil_r in L'|]. rewrite app_assoc in L'. apply lawful_app in L'. tauto. }
    split; intros (h1 & x & h2 & E & F & K & O); exists h1, x, h2; repeat split; auto; now apply (X h1 x h2 E).
Qed.
End Formula.

(* `prev (b and prev a within 10) within 10`: a at 0, b at 8 and again at 12 (when a is too long ago), asked at 17 and at 19. *)
Module Example.
Definition l (t : Z) : event := {| time := t; place := t; call_time := t; call_place := t |}.
Definition at_ (t : Z) (e : event) : bool := place e =? t.
Definition ten : gap := {| within := Some 10; unless := fun _ => false; next := false |}.
Definition f : formula := Prev (And (Match (fun e => at_ 8 e || at_ 12 e)) (Prev (Match (at_ 0)) ten)) ten.
Definition says (t : Z) : bool := value f (remembered (fun _ => true) f [l 0; l 8; l 12]) (l t).
Example at_17 : says 17 = true. Proof. reflexivity. Qed.
Example at_19 : says 19 = false. Proof. reflexivity. Qed.
Example lawful_one : lawful [l 0; l 8; l 12; l 17]. Proof. simpl. lia. Qed.
End Example.
